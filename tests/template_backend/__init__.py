"""A seventh backend, of a system that does not exist: what docs/development.md follows."""
