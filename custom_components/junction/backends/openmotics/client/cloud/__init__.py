"""The current cloud, version 1.1 with client credentials."""
