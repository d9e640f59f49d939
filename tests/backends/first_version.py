"""Entries of version 0.1.0, as that version left them, and what has to stay of them.

``tests/fixtures/version_0_1_0`` was written by version 0.1.0 in front of the simulators: the
id of the entry, its entities, and what it kept in files of its own.
"""

import json
from pathlib import Path
from typing import Any

from homeassistant.const import ATTR_RESTORED
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import DOMAIN

_FOLDER = Path(__file__).parents[1] / "fixtures" / "version_0_1_0"


class FirstVersion:
    """An entry of version 0.1.0 with its entities, before it is set up by this version."""

    def __init__(
        self,
        hass: HomeAssistant,
        name: str,
        storage: dict[str, Any] | None = None,
        **data: Any,
    ) -> None:
        """Store all of it in ``hass``; ``data`` holds the values that differ between runs."""
        kept = json.loads((_FOLDER / f"{name}.json").read_text())
        self._hass = hass
        self._rows: list[dict[str, Any]] = kept["entities"]
        self.entry = MockConfigEntry(
            domain=DOMAIN,
            title="As it was",
            unique_id=kept["unique_id"],
            data={**kept["data"], **data},
            options=kept["options"],
            version=1,
            minor_version=1,
        )
        self.entry.add_to_hass(hass)
        registry = er.async_get(hass)
        for row in self._rows:
            platform, _, name = row["entity_id"].partition(".")
            entity = registry.async_get_or_create(
                platform,
                DOMAIN,
                f"{self.entry.unique_id}/{row['unique_id']}",
                config_entry=self.entry,
                suggested_object_id=name,
                disabled_by=(
                    er.RegistryEntryDisabler.INTEGRATION if row["disabled"] else None
                ),
            )
            for domain, options in row["options"].items():
                registry.async_update_entity_options(entity.entity_id, domain, options)
        for key, content in kept.get("stores", {}).items():
            assert storage is not None
            of_entry = key.replace("ENTRY", self.entry.entry_id)
            storage[of_entry] = {
                "version": 1,
                "minor_version": 1,
                "key": of_entry,
                "data": content,
            }

    def gone(self) -> set[str]:
        """Return the enabled entities that the integration no longer provides."""
        registry = er.async_get(self._hass)
        found = set()
        for row in self._rows:
            entity = registry.async_get(row["entity_id"])
            state = self._hass.states.get(row["entity_id"])
            if entity is None or (
                not entity.disabled
                and (state is None or ATTR_RESTORED in state.attributes)
            ):
                found.add(row["entity_id"])
        return found

    def changed(self) -> set[str]:
        """Return the entities that have another unique id, or became another's."""
        registry = er.async_get(self._hass)
        return {
            row["entity_id"]
            for row in self._rows
            if (entity := registry.async_get(row["entity_id"])) is not None
            and entity.unique_id != f"{self.entry.unique_id}/{row['unique_id']}"
        }

    def twice(self) -> set[str]:
        """Return the entities that were created again beside one of the same name."""
        known = {row["entity_id"] for row in self._rows}
        return {
            entity.entity_id
            for entity in er.async_entries_for_config_entry(
                er.async_get(self._hass), self.entry.entry_id
            )
            if entity.entity_id not in known
            and entity.entity_id.rpartition("_")[0] in known
            and entity.entity_id.rpartition("_")[2].isdigit()
        }
