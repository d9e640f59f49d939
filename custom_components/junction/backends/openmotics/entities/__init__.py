"""What an OpenMotics installation gives: one module for each kind of thing (sheet §5)."""
