"""Adjustments of the test plugin for the newest Home Assistant.

pytest-homeassistant-custom-component is some weeks behind Home Assistant: 0.13.375 was made for
2026.10. Loaded by ``-p`` in ``pyproject.toml``, before the plugin itself. The adjustments are
harmless on the version that the plugin supports. Remove each once the plugin has it, except the
last one, which only saves time.
"""

from asyncio import constants

import homeassistant  # noqa: F401 - takes httpx's place before the plugin imports that
from pytest_homeassistant_custom_component import patch_json, patch_recorder, patch_time  # noqa: F401 - patch as they load

# Isort would put these before the patches, which they must come after.
from homeassistant.components import logger  # isort: skip
from homeassistant.helpers.restore_state import RestoreStateData  # isort: skip

if not hasattr(logger, "_clear_logger_overwrites"):
    from homeassistant.components.logger import helpers  # isort: skip

    vars(logger)["_clear_logger_overwrites"] = vars(helpers)["_clear_logger_overwrites"]

if hasattr(RestoreStateData, "async_get_stored_state"):
    # 2026.11 keeps two mappings; mock_restore_cache() of the plugin writes the one.
    _found = RestoreStateData.async_get_stored_state

    def _async_get_stored_state(self, entity_id):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        return _found(self, entity_id) or self.last_states_by_entity_id.get(entity_id)

    RestoreStateData.async_get_stored_state = _async_get_stored_state  # type: ignore[method-assign]
    RestoreStateData.last_states = property(  # type: ignore[attr-defined]
        lambda self: self.last_states_by_entity_id,
        lambda self, states: setattr(self, "last_states_by_entity_id", states),
    )

# In asyncio's debug mode, which the plugin turns on, every callback keeps so many frames of
# the stack it was made in, and asks the disk for each whether its file changed, which took
# an eighth of the time of all tests.
vars(constants)["DEBUG_STACK_DEPTH"] = 1
