"""Point: what those of all platforms have, storable whatever a server called it."""

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
"""(device id, point id); both survive restarts, renames and address changes."""

type Steer[*Args] = Callable[[*Args], Awaitable[None]]
"""A coroutine that sends one command and returns once the backend accepted it.

It raises one of ``errors.BackendError`` when the command did not get through. What
takes its time or has no state of its own (a cover that moves, a lamp that fades, a
scene, a button) counts as done once accepted: what came of it the backend tells, by
pushing or by asking its sink for a refresh.
"""


# What of an entity description may come from a server.
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
    """One thing a person can see or steer, of one platform.

    ``id`` distinguishes points that share a description (defaults to its key).
    ``name`` is the user's own name from the backend, otherwise the description's
    translation names the entity. ``tolerance`` is how far a confirmed number may be
    from the commanded one (devices round).
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
        """Make all texts storable, and fix the key; it is looked up at every dispatch.

        What the description leaves open is filled in as for the same in other systems.
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
    def sameness(self) -> float:
        """How far a number may be from the commanded one to count as so already.

        A step of the point is a change, also where its device may round it away.
        """
        return self.tolerance

    def read(self, state: Any) -> StateT | None:  # noqa: ANN401 - a cast costs time at each write
        """Return the plain value of a state of this point; None when it has none."""
        value: Any = state.value if isinstance(state, Detailed) else state
        if value is UNAVAILABLE:
            return None
        if isinstance(value, str) and not _is_fit(value):
            value = clean_text(value, MAX_NAME)
        elif isinstance(value, float) and not isfinite(value):
            return None
        plain: StateT | None = value
        return plain


def clean_lines(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the placeholders of a name, storable."""
    # Blanks may be part of a placeholder.
    return {
        name: text if _is_fit(text) else clean_line(text)
        for name, text in texts.items()
    }


def _is_fit(text: str) -> bool:
    return text.isprintable() and len(text) <= MAX_NAME


def _described[DescriptionT: EntityDescription](
    description: DescriptionT,
) -> DescriptionT:
    """Return the description with texts that can be stored; mostly the same one."""
    unfit: dict[str, Any] = {}
    for name in _TEXTS:
        said = getattr(description, name, None)
        if isinstance(said, str) and not _is_fit(said):
            unfit[name] = clean_line(said)
        elif isinstance(said, list | tuple) and not all(map(_is_fit, said)):
            unfit[name] = [*dict.fromkeys(map(clean_line, said))]
    return replace(description, **unfit) if unfit else description
