"""Options flow for IOTile Cloud."""

from collections import Counter
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.helpers.selector import BooleanSelector
import probatio as vol

from ...model import name_on
from ..flow import choice_of, number
from ..options import BackendOptionsFlow
from .client.models import VOLUME, Project
from .client.state import IOTileState
from .settings import (
    CONF_HISTORY,
    CONF_INTERVAL,
    CONF_INTERVALS,
    CONF_LATE,
    CONF_PROJECTS,
    CONF_READINGS,
    DEFAULT_INTERVAL,
    DEFAULT_LATE,
    MAX_INTERVAL,
    MAX_LATE,
    MIN_INTERVAL,
)

TWICE: Final = "iotile_chosen_twice"


def project_names(projects: list[Project]) -> dict[str, str]:
    """Return the names of projects by slug, in their order."""
    return {
        project.slug: project.name
        for project in sorted(projects, key=lambda project: project.name.casefold())
    }


class IOTileOptionsFlow(BackendOptionsFlow):
    """Options flow with one form."""

    async def async_step_iotile(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for all options."""
        schema = self._schema()
        errors: dict[str, str] = {}
        if user_input is not None:
            meters = user_input.get(CONF_READINGS, [])
            if set(meters) & set(user_input.get(CONF_INTERVALS, [])):
                errors[CONF_INTERVALS] = TWICE
            else:
                return self.async_save(
                    {
                        **user_input,
                        CONF_INTERVAL: float(user_input[CONF_INTERVAL]),
                        CONF_LATE: int(user_input[CONF_LATE]),
                    }
                )
        return self.async_show_form(
            step_id="iotile",
            data_schema=self.add_suggested_values_to_schema(
                schema, user_input or self.config_entry.options
            ),
            errors=errors,
        )

    def _schema(self) -> vol.Schema:
        state: IOTileState = self.backend.poller.state
        fields: dict[vol.Marker, Any] = {
            vol.Required(CONF_INTERVAL, default=DEFAULT_INTERVAL): number(
                MIN_INTERVAL, MAX_INTERVAL, "min", step=0.5
            ),
            vol.Required(CONF_LATE, default=DEFAULT_LATE): number(6, MAX_LATE, "h"),
            vol.Required(CONF_HISTORY, default=False): BooleanSelector(),
        }
        if len(state.listing.all_projects) > 1:
            names = project_names([*state.listing.all_projects.values()])
            fields[vol.Optional(CONF_PROJECTS, default=list)] = choice_of(
                names, multiple=True
            )
        volumes = self._volumes(state)
        if volumes:
            several = choice_of(volumes, multiple=True)
            fields[vol.Optional(CONF_READINGS, default=list)] = several
            fields[vol.Optional(CONF_INTERVALS, default=list)] = several
        return vol.Schema(fields)

    @staticmethod
    def _volumes(state: IOTileState) -> dict[str, str]:
        """Return the names of all volume streams by slug, with an id where names are equal."""
        listing = state.listing
        names: dict[str, str] = {}
        for slug, stream in listing.streams.items():
            if stream.numeric and stream.var_type == VOLUME:
                device = listing.devices.get(stream.device or "")
                project = listing.projects.get(stream.project)
                home = device.label if device else project.name if project else ""
                name = name_on(home, stream.name)
                names[slug] = f"{home}: {name}" if home else name
        often = Counter(names.values())
        return {
            slug: name
            if often[name] == 1
            else f"{name} ({listing.streams[slug].variable:04x})"
            for slug, name in names.items()
        }
