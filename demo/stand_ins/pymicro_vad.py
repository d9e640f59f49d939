"""Stand-in for a package that has no wheel for Python 3.14.

Home Assistant's voice assistant imports it, and the list of all actions, which every page of
the user interface asks for, imports the voice assistant. Nothing in the demo speaks.
"""


class MicroVad:
    """Finds speech in sound."""

    def __init__(self) -> None:
        """Refuse: this one finds none."""
        raise NotImplementedError("there is no voice assistant in the demo")
