"""V0 actions of the local gateway, which the legacy cloud forwards."""
