"""OpenMotics (Renson): the local gateway, the cloud, and the cloud of before."""
