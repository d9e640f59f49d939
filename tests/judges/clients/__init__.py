"""Scripts that call a judge's functions; run by the Python of ``.venv-judges``."""
