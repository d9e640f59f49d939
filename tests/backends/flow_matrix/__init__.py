"""Every connection error, in the config flow of every backend with a server."""
