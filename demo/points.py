"""Find entities by the point that they show."""

from collections.abc import Iterable

from .client import Entity

_FIXED = frozenset({"onoff", "unknown"})
_COLOURED = frozenset({"hs", "rgb", "rgbw", "rgbww", "xy"})


class Points:
    """Enabled entities, of all systems or of one."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        """Use the enabled entities."""
        self._entities = [entity for entity in entities if entity.state is not None]

    def of(self, *backends: str) -> Points:
        """Return the entities of some systems only."""
        return Points(e for e in self._entities if e.backend in backends)

    def __len__(self) -> int:
        """Return the number of entities."""
        return len(self._entities)

    def __getitem__(self, point: str) -> str | None:
        """Return the entity id of a point; None if there is none."""
        return next((e.entity_id for e in self._entities if e.point == point), None)

    def some(self, *points: str) -> list[str]:
        """Return the entity ids of the points that exist."""
        return [found for point in points if (found := self[point])]

    def counters(self, device_class: str | None = None) -> list[str]:
        """Return the entity ids of the counters behind a meter, of one kind (gas, water) or all."""
        return [
            e.entity_id
            for e in self._entities
            if e.point == "reading"
            and device_class in (None, e.attribute("device_class"))
        ]

    def platform(self, *platforms: str) -> list[str]:
        """Return the entity ids of main controls and readings, of some platforms."""
        return [
            e.entity_id
            for e in self._entities
            if e.platform in platforms and e.category is None
        ]

    def lights(self) -> list[Entity]:
        """Return the lights: color lights first, those of the given system last."""
        found = [e for e in self._entities if e.platform == "light"]
        many = {e.backend for e in found if coloured(e)}
        return sorted(
            found, key=lambda e: (not coloured(e), e.backend in many, not dimmable(e))
        )


def coloured(light: Entity) -> bool:
    """Return whether a light supports colors."""
    return not _COLOURED.isdisjoint(light.attribute("supported_color_modes") or ())


def dimmable(light: Entity) -> bool:
    """Return whether a light supports brightness."""
    return not _FIXED.issuperset(light.attribute("supported_color_modes") or ())
