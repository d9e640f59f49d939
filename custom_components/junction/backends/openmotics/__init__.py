"""OpenMotics (Renson): the local gateway, the cloud, and the first cloud."""
