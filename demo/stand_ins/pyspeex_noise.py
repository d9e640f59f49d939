"""Stand-in for a package that has no wheel for Python 3.14; see ``pymicro_vad.py``."""


class AudioProcessor:
    """Takes noise out of sound."""

    def __init__(self, auto_gain: float, noise_suppression: int) -> None:
        """Refuse: this one takes none out."""
        raise NotImplementedError("there is no voice assistant in the demo")
