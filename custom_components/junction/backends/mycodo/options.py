"""Options flow for Mycodo."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components import webhook
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_WEBHOOK_ID, Platform
from homeassistant.helpers.network import NoURLAvailableError
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    TextSelector,
    TextSelectorConfig,
)
import probatio as vol

from ...errors import BackendError
from ..flow import choice_of, number
from ..options import ImportOptionsFlow
from .client import (
    DaemonChannel,
    DaemonPoller,
    NotInstalledError,
    OutputKind,
    action_text,
)
from .entities.daemon import async_install, daemon_address
from .entities.history import MAX_DAYS
from .entities.inventory import Inventory
from .settings import (
    CONF_DAEMON,
    CONF_DAEMON_HOST,
    CONF_DAEMON_PORT,
    CONF_EXECUTE_ACTIONS,
    CONF_INTERVAL,
    CONF_LIMITS,
    CONF_REMOTE_PUSH,
    CONF_REVERSED,
    CONF_SHOW_AS,
    DEFAULT_DAEMON_PORT,
    DEFAULT_INTERVAL,
    MAX_INTERVAL,
    MIN_INTERVAL,
    ShowAs,
)

CONF_CHANNEL: Final = "channel"
CONF_LOW: Final = "low"
CONF_HIGH: Final = "high"
CONF_STEP: Final = "step"
CONF_SENSORS: Final = "sensors"
CONF_DAYS: Final = "days"

# What each kind of output may be shown as, in addition to the default.
KINDS: Final[Mapping[ShowAs, tuple[OutputKind, ...]]] = {
    ShowAs.LIGHT: (OutputKind.ON_OFF,),
    ShowAs.OUTLET: (OutputKind.ON_OFF,),
    ShowAs.FAN: (OutputKind.ON_OFF, OutputKind.PWM),
    ShowAs.VALVE: (OutputKind.ON_OFF, OutputKind.PUMP),
    ShowAs.NUMBER: (OutputKind.PWM,),
}


GENERAL_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_INTERVAL, default=DEFAULT_INTERVAL): number(
            MIN_INTERVAL, MAX_INTERVAL, "s"
        )
    }
)
PUSH_SCHEMA: Final = vol.Schema(
    {vol.Required(CONF_REMOTE_PUSH, default=False): BooleanSelector()}
)
DAEMON_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_DAEMON, default=False): BooleanSelector(),
        vol.Optional(CONF_DAEMON_HOST): TextSelector(),
        vol.Optional(CONF_DAEMON_PORT, default=DEFAULT_DAEMON_PORT): vol.All(
            number(1, 65535), vol.Coerce(int)
        ),
        vol.Optional(CONF_EXECUTE_ACTIONS, default=[]): TextSelector(
            TextSelectorConfig(multiple=True)
        ),
    }
)
_ANY: Final = 1e9
LIMITS_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_LOW): number(-_ANY, _ANY, step="any"),
        vol.Required(CONF_HIGH): number(-_ANY, _ANY, step="any"),
        vol.Required(CONF_STEP): number(0.0001, _ANY, step="any"),
    }
)


class MycodoOptionsFlow(ImportOptionsFlow[dict[str, int]]):
    """Options flow with a menu."""

    _channel: str = ""
    _asked: Mapping[str, Any] = {}

    async def async_step_mycodo(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the menu."""
        steps = ["mycodo_general", "mycodo_push"]
        kinds = {kind for _, kind in self._channels().values()}
        if kinds - {OutputKind.VALUE}:
            steps.insert(1, "mycodo_outputs")
        if OutputKind.VALUE in kinds:
            steps.insert(2, "mycodo_limits")
        if self._inventory.importable():
            steps.append("mycodo_history")
        steps.append("mycodo_daemon")
        return self.async_show_menu(step_id="mycodo", menu_options=steps)

    @property
    def _inventory(self) -> Inventory:
        inventory: Inventory = self.backend.inventory
        return inventory

    def _channels(self) -> dict[str, tuple[str, OutputKind]]:
        """Return (name, kind) of the controllable channels, by id."""
        return self._inventory.channels()

    async def async_step_mycodo_general(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the polling interval."""
        if user_input is not None:
            return self.async_save({CONF_INTERVAL: int(user_input[CONF_INTERVAL])})
        return self.async_ask(
            step_id="mycodo_general",
            schema=GENERAL_SCHEMA,
            filled=self.config_entry.options,
        )

    async def async_step_mycodo_outputs(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what is connected to the channels."""
        channels, errors = self._channels(), {}
        if user_input is not None:
            shown = {k: v for k, v in user_input.items() if k != CONF_REVERSED}
            chosen = [channel for group in shown.values() for channel in group]
            if len(chosen) == len(set(chosen)):
                reverse = user_input.get(CONF_REVERSED, [])
                return self.async_save({CONF_SHOW_AS: shown, CONF_REVERSED: reverse})
            errors["base"] = "mycodo_chosen_twice"
        schema = vol.Schema(
            {
                vol.Optional(str(shown), default=[]): choice_of(
                    {
                        channel: name
                        for channel, (name, kind) in channels.items()
                        if kind in kinds
                    },
                    multiple=True,
                )
                for shown, kinds in KINDS.items()
                if any(kind in kinds for _, kind in channels.values())
            }
        )
        if silent := self._inventory.of_unknown_direction():
            schema = schema.extend(
                {
                    vol.Optional(CONF_REVERSED, default=[]): choice_of(
                        silent, multiple=True
                    )
                }
            )
        before = self.config_entry.options.get(CONF_SHOW_AS, {})
        present = {
            shown: [channel for channel in group if channel in channels]
            for shown, group in before.items()
        }
        present[CONF_REVERSED] = [
            channel
            for channel in self.config_entry.options.get(CONF_REVERSED, [])
            if channel in silent
        ]
        return self.async_show_form(
            step_id="mycodo_outputs",
            data_schema=self.add_suggested_values_to_schema(
                schema, user_input or present
            ),
            errors=errors,
        )

    async def async_step_mycodo_limits(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for which output to set a range."""
        if user_input is not None:
            self._channel = user_input[CONF_CHANNEL]
            return await self.async_step_mycodo_limit()
        values = {
            channel: name
            for channel, (name, kind) in self._channels().items()
            if kind is OutputKind.VALUE
        }
        return self.async_ask(
            step_id="mycodo_limits",
            schema=vol.Schema({vol.Required(CONF_CHANNEL): choice_of(values)}),
        )

    async def async_step_mycodo_limit(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the range of one value output."""
        limits, errors = self.config_entry.options.get(CONF_LIMITS, {}), {}
        if user_input is not None:
            if user_input[CONF_LOW] < user_input[CONF_HIGH]:
                return self.async_save(
                    {CONF_LIMITS: {**limits, self._channel: user_input}}
                )
            errors["base"] = "mycodo_no_range"
        return self.async_show_form(
            step_id="mycodo_limit",
            data_schema=self.add_suggested_values_to_schema(
                LIMITS_SCHEMA, user_input or self._inventory.limits(self._channel)
            ),
            errors=errors,
            description_placeholders={"channel": self._channels()[self._channel][0]},
        )

    async def async_step_mycodo_push(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the webhook that the user has to enter in Mycodo."""
        if user_input is not None:
            return self.async_save(user_input)
        identity = self.config_entry.data[CONF_WEBHOOK_ID]
        try:
            url = webhook.async_generate_url(self.hass, identity)
        except NoURLAvailableError:
            url = webhook.async_generate_path(identity)
        return self.async_show_form(
            step_id="mycodo_push",
            data_schema=self.add_suggested_values_to_schema(
                PUSH_SCHEMA, self.config_entry.options
            ),
            description_placeholders={"action": action_text(url)},
        )

    async def async_step_mycodo_daemon(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Warn, and ask whether to use the daemon's own port."""
        error: BackendError | None = None
        entry = self.config_entry
        if user_input is not None:
            if not user_input[CONF_DAEMON]:
                return self.async_save(user_input)
            try:
                await self._try_daemon(user_input)
            except BackendError as err:
                error = err
            else:
                return self.async_save(user_input)
        host, port = daemon_address(entry.data, entry.options)
        return self.async_ask(
            step_id="mycodo_daemon",
            schema=DAEMON_SCHEMA,
            error=error,
            filled=user_input
            or {
                CONF_DAEMON: entry.options.get(CONF_DAEMON, False),
                CONF_DAEMON_HOST: host,
                CONF_DAEMON_PORT: port,
                CONF_EXECUTE_ACTIONS: entry.options.get(CONF_EXECUTE_ACTIONS, []),
            },
        )

    async def _try_daemon(self, options: Mapping[str, Any]) -> None:
        """Install the packages, and check whose daemon it is. Raises BackendError."""
        if not await async_install(self.hass):
            raise NotInstalledError
        backend = self.backend
        channel = DaemonChannel(*daemon_address(self.config_entry.data, options))
        try:
            outputs = backend.poller.listing.outputs.devices
            poller = DaemonPoller(channel, backend.client.clock)
            await poller.check({output.id for output in outputs})
        finally:
            await channel.close()

    async def async_step_mycodo_history(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for which sensors to import history."""
        if user_input is not None:
            self._asked = user_input
            known, history = self._inventory.importable(), self.backend.history
            work = self.config_entry.async_create_background_task(
                self.hass,
                history.run(
                    [(one, known[one]) for one in user_input[CONF_SENSORS]],
                    int(user_input[CONF_DAYS]),
                ),
                f"{self.config_entry.title} - import",
                eager_start=False,
            )
            self.async_import(work, history.importer, back="mycodo_history")
            return await self.async_step_mycodo_import()
        sensors = EntitySelector(
            EntitySelectorConfig(
                include_entities=list(self._inventory.importable()),
                domain=Platform.SENSOR,
                multiple=True,
            )
        )
        return self.async_ask(
            step_id="mycodo_history",
            schema=vol.Schema(
                {
                    vol.Required(CONF_SENSORS): sensors,
                    vol.Required(CONF_DAYS, default=30): number(1, MAX_DAYS, "d"),
                }
            ),
            error=self.take_error(),
            filled=self._asked,
        )

    async def async_step_mycodo_import(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the progress of the import."""
        return self.async_show_import(
            step_id="mycodo_import",
            progress_action="mycodo_import",
            done="mycodo_imported",
        )

    async def async_step_mycodo_imported(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the result of the import."""
        if user_input is not None:
            return self.async_save({})
        return self.async_show_form(
            step_id="mycodo_imported",
            data_schema=vol.Schema({}),
            description_placeholders={"hours": str(sum(self.result.values()))},
        )
