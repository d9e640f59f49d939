"""What a hub becomes in Home Assistant (reference/cozify.md §3)."""
