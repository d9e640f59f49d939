"""The whole simulated house in Home Assistant, added through the config flows."""
