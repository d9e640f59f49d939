"""Stand-in for a package without a wheel for Python 3.14.

Home Assistant's voice assistant imports it, and the list of all actions, which every page of the
user interface requests, imports the voice assistant. The demo does not use voice.
"""


class MicroVad:
    """Voice activity detector."""

    def __init__(self) -> None:
        """Raise an error; there is no detector."""
        raise NotImplementedError("there is no voice assistant in the demo")
