"""The cloud of today, version 1.1 with client credentials."""
