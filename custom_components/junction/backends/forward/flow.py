"""Subentry flow that adds or changes a DSMR-reader server for forwarding."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from homeassistant.config_entries import (
    ConfigSubentryFlow,
    SubentryFlowContext,
    SubentryFlowResult,
)
from homeassistant.data_entry_flow import section
import probatio as vol
from yarl import URL

from ...errors import BackendError
from ..flow import CertificateSteps, choice, number
from ..trust import policy_data, tls_policy
from .client.api import normal_url, reader_url
from .connection import async_probe, flat, free_title, sections, wrong_section
from .fields import CONNECTION
from .settings import (
    CONF_DAYS,
    CONF_INTERVAL,
    CONF_MODE,
    CONF_QUEUE,
    CONF_SIZE,
    CONF_URL,
    DEFAULT_DAYS,
    DEFAULT_INTERVAL,
    DEFAULT_SIZE,
    MODE_AUTO,
    MODES,
    SUBENTRY_TYPE,
)

TARGET_SCHEMA: Final = vol.Schema(
    {
        **CONNECTION,
        vol.Required(CONF_MODE, default=MODE_AUTO): choice("forward_mode", *MODES),
        vol.Required(CONF_INTERVAL, default=DEFAULT_INTERVAL): number(0, 3600, "s"),
        vol.Required(CONF_QUEUE): section(
            vol.Schema(
                {
                    vol.Required(CONF_SIZE, default=DEFAULT_SIZE): number(
                        10, 10_000, "MB"
                    ),
                    vol.Required(CONF_DAYS, default=DEFAULT_DAYS): number(1, 90, "d"),
                }
            ),
            {"collapsed": True},
        ),
    }
)


class TargetFlow(
    CertificateSteps[SubentryFlowContext, SubentryFlowResult, tuple[str, str]],
    ConfigSubentryFlow,
):
    """Add or change a server that a meter's telegrams are forwarded to."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add a server."""
        return await self._step("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a server."""
        return await self._step("reconfigure", user_input)

    async def _step(
        self, step: str, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        error: BackendError | None = None
        filled: Mapping[str, Any] | None = user_input
        if step == "reconfigure" and user_input is None:
            known = self._get_reconfigure_subentry().data
            filled = sections(known)
            self.keep(TARGET_SCHEMA, known)
            self.trust(URL(known[CONF_URL]), tls_policy(known))
        if user_input is not None:
            url = URL()
            try:
                data = flat(self.complete(TARGET_SCHEMA, user_input))
                url = URL(data[CONF_URL])
                if self._is_taken(data):
                    return self.async_abort(reason="already_configured")
                data |= policy_data(self.trusted(url))
                await async_probe(self.hass, data)
                if self._is_taken(data):
                    # The address was that of a page of a configured server.
                    return self.async_abort(reason="already_configured")
            except BackendError as err:
                again = partial(self._step, step, user_input)
                if asked := await self.async_ask_for_trust(err, url, again):
                    return asked
                error = err
            else:
                return self._finish(step, data)
        return self.async_ask(
            step_id=step,
            schema=TARGET_SCHEMA,
            error=error,
            wrong=wrong_section(error),
            filled=filled,
        )

    def _is_taken(self, data: Mapping[str, Any]) -> bool:
        own = (
            None
            if self.source == "user"
            else self._get_reconfigure_subentry().subentry_id
        )
        return any(
            subentry.unique_id == _identity(data)
            for subentry in self._get_entry().subentries.values()
            if subentry.subentry_type == SUBENTRY_TYPE and subentry.subentry_id != own
        )

    def _finish(self, step: str, data: dict[str, Any]) -> SubentryFlowResult:
        if step == "user":
            return self.async_create_entry(
                title=free_title(
                    one.title for one in self._get_entry().subentries.values()
                ),
                data=data,
                unique_id=_identity(data),
            )
        # The running entry notices by itself; the meter stays connected.
        return self.async_update_and_abort(
            self._get_entry(),
            self._get_reconfigure_subentry(),
            data=data,
            unique_id=_identity(data),
        )


def _identity(data: Mapping[str, Any]) -> str:
    """Return a key that distinguishes the servers of one meter; servers have no id."""
    return normal_url(reader_url(data[CONF_URL]))


SUBENTRY_FLOWS: Final = {SUBENTRY_TYPE: TargetFlow}
