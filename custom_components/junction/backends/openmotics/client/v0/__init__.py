"""The V0 actions: those of the local gateway, which the first cloud passes on."""
