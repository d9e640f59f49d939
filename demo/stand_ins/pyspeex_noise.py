"""Stand-in for a package without a wheel for Python 3.14; see ``pymicro_vad.py``."""


class AudioProcessor:
    """Noise suppressor."""

    def __init__(self, auto_gain: float, noise_suppression: int) -> None:
        """Raise an error; there is no suppressor."""
        raise NotImplementedError("there is no voice assistant in the demo")
