"""OpenMotics (Renson): the local gateway, the current cloud, and the legacy cloud."""
