"""Makes this folder a package, for tests and type checks; it is not part of a release."""
