"""Point: the fields that all platforms share, with texts that can be stored."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from math import isfinite
from typing import Any, ClassVar, Final

from homeassistant.const import Platform
from homeassistant.helpers.entity import EntityDescription

from ..cleaning import MAX_NAME, clean_id, clean_line, clean_text
from .quantities import shown_alike
from .states import UNAVAILABLE, Detailed

type PointKey = tuple[str, str]
"""Device id and point id; both survive restarts, renames, and address changes."""

type Steer[*Args] = Callable[[*Args], Awaitable[None]]
"""Coroutine that sends one command and returns once the backend accepted it.

It raises a subclass of ``errors.BackendError`` if the command failed. A command that
takes time or has no state (moving a cover, a fade, a scene, a button) is done once
accepted; the backend pushes the outcome or requests a refresh from its sink.
"""


# Fields of an entity description that may come from a server.
_TEXTS: Final = (
    "key",
    "name",
    "native_unit_of_measurement",
    "unit_of_measurement",
    "options",
    "event_types",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point[StateT]:
    """One thing that a user can see or control, of one platform.

    ``id`` distinguishes points that share a description (default: its key). ``name`` is
    the name given by the user in the backend; without it the description's translation
    names the entity. ``tolerance`` is the accepted difference between a commanded and a
    confirmed number, because devices round.
    """

    platform: ClassVar[Platform]

    device: str
    description: EntityDescription
    id: str = ""
    name: str | None = None
    placeholders: Mapping[str, str] = field(default_factory=dict)
    tolerance: float = 0.0
    key: PointKey = field(init=False)

    def __post_init__(self) -> None:
        """Clean all texts, and compute the key once, because every dispatch uses it.

        Fields that the description leaves open are filled as in all systems.
        """
        keep = partial(object.__setattr__, self)
        keep("description", shown_alike(_described(self.description)))
        keep("key", (clean_id(self.device), clean_id(self.id or self.description.key)))
        if self.name is not None:
            keep("name", clean_line(self.name))
        if self.placeholders:
            keep("placeholders", clean_lines(self.placeholders))
        for choices in ("presets", "fan_modes"):
            if named := getattr(self, choices, ()):
                keep(choices, tuple(map(clean_line, named)))

    @property
    def equality_tolerance(self) -> float:
        """Difference up to which a number counts as equal to the commanded one already.

        A full step of the point is always a change, even if its device may round it
        away.
        """
        return self.tolerance

    def read(self, state: Any) -> StateT | None:  # noqa: ANN401 - a cast costs time at each write
        """Return the plain value of a state of this point, None if it has none."""
        value: Any = state.value if isinstance(state, Detailed) else state
        # Most are numbers.
        if isinstance(value, float):
            value = value if isfinite(value) else None
        elif value is UNAVAILABLE:
            return None
        elif isinstance(value, str) and not _is_fit(value):
            value = clean_text(value, MAX_NAME)
        plain: StateT | None = value
        return plain


def clean_lines(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the placeholders of a name, cleaned."""
    # Whitespace may be part of a placeholder.
    return {
        name: text if _is_fit(text) else clean_line(text)
        for name, text in texts.items()
    }


def _is_fit(text: str) -> bool:
    return text.isprintable() and len(text) <= MAX_NAME


def _described[DescriptionT: EntityDescription](
    description: DescriptionT,
) -> DescriptionT:
    """Return the description with clean texts; usually the same object."""
    unfit: dict[str, Any] = {}
    for name in _TEXTS:
        said = getattr(description, name, None)
        if isinstance(said, str) and not _is_fit(said):
            unfit[name] = clean_line(said)
        elif isinstance(said, list | tuple) and not all(map(_is_fit, said)):
            unfit[name] = [*dict.fromkeys(map(clean_line, said))]
    return replace(description, **unfit) if unfit else description
