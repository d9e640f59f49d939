"""Base of all config flows: trust in certificates, and creation of the entry."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Final

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowContext,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.data_entry_flow import FlowContext, FlowResult
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import probatio as vol
from yarl import URL

from ..cleaning import clean_id, plain_words
from ..const import CONF_BACKEND, ENTRY_MINOR_VERSION, ENTRY_VERSION
from ..errors import BackendError
from .forms import Forms
from .http import (
    Certificate,
    CertificateChangedError,
    CertificateNotTrustedError,
    TlsFailedError,
    TlsPolicy,
    fetch_certificate,
    show_fingerprint,
)
from .session import brief_session
from .words import NOTHING, UNKNOWN, async_selector_texts

CONF_TRUST: Final = "trust"
TRUST_PIN: Final = "pin"
TRUST_ANY: Final = "any"

SHORTEST_PROGRESS: Final = 1.0
"""Seconds for which progress is shown at least."""


SECRET: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
"""Field of a key or a password."""


def number(
    low: float, high: float, unit: str | None = None, *, step: float | str = 1
) -> NumberSelector:
    """Return a number box; ``step`` may be "any"."""
    config = NumberSelectorConfig(
        min=low,
        max=high,
        step=step,  # type: ignore[typeddict-item]  # a number or "any"
        mode=NumberSelectorMode.BOX,
    )
    if unit is not None:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)


def choice(key: str, *options: str, is_list: bool = False) -> SelectSelector:
    """Return a selector of ``selector.<key>.options``; ``is_list`` shows all options at once."""
    config = SelectSelectorConfig(options=list(options), translation_key=key)
    if is_list:
        config["mode"] = SelectSelectorMode.LIST
    return SelectSelector(config)


def choice_of(
    names: Mapping[str, str], *, multiple: bool = False, is_list: bool = False
) -> SelectSelector:
    """Return a selector of named things; ``names`` maps each value to its name."""
    config = SelectSelectorConfig(
        options=[SelectOptionDict(value=v, label=name) for v, name in names.items()],
        multiple=multiple,
    )
    if is_list:
        config["mode"] = SelectSelectorMode.LIST
    return SelectSelector(config)


def entry_title(system: str, place: str | None) -> str:
    """Return the title of a new entry: the system and its place."""
    if not place:
        return system
    return place if system.casefold() in place.casefold() else f"{system} {place}"


TRUST_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_TRUST, default=TRUST_PIN): choice(
            CONF_TRUST, TRUST_PIN, TRUST_ANY, is_list=True
        )
    }
)


class CertificateSteps[
    ContextT: FlowContext,
    ResultT: FlowResult[Any, Any],
    HandlerT,
](Forms[ContextT, ResultT, HandlerT]):
    """Steps that ask about an untrusted or a changed certificate.

    A step that talks to a server uses the ``trusted`` policy of its address, and passes
    errors to ``async_ask_for_trust``. ``trust`` sets decisions made before this flow.
    The step has the prefix of the flow's other steps: ``certificate``.
    """

    __trusted: Mapping[URL, TlsPolicy] = {}
    __url: URL = URL()
    __shown: Certificate | None = None
    __error: BackendError | None = None
    __again: Callable[[], Awaitable[ResultT]]

    def trust(self, url: URL, policy: TlsPolicy) -> None:
        """Store the TLS policy of an address."""
        self.__trusted = {**self.__trusted, url.origin(): policy}

    def trusted(self, url: URL) -> TlsPolicy:
        """Return the TLS policy of an address, the default if none is stored."""
        return self.__trusted.get(url.origin(), TlsPolicy())

    async def async_ask_for_trust(
        self,
        error: BackendError,
        url: URL,
        again: Callable[[], Awaitable[ResultT]],
        *,
        suspects: tuple[type[BackendError], ...] = (),
    ) -> ResultT | None:
        """Show a server's certificate, and continue with ``again`` once it is trusted.

        Returns None if the error does not concern the certificate, or none can be read.
        ``suspects`` are other errors that a system's certificate may cause.
        """
        if isinstance(error, CertificateChangedError):
            self.__error, self.__shown = error, error.certificate
        else:
            usual = (CertificateNotTrustedError, TlsFailedError)
            if not isinstance(error, usual + suspects):
                return None
            if self.trusted(url) != TlsPolicy():
                return None
            try:
                async with brief_session(self.hass) as session:
                    self.__shown = await fetch_certificate(session, url)
            except BackendError:
                return None
        self.__url, self.__again = url, again
        return await self.async_step_certificate()

    async def async_step_certificate(
        self, user_input: dict[str, Any] | None = None
    ) -> ResultT:
        """Show the certificate, and ask whether to trust it."""
        shown = self.__shown
        assert shown is not None  # the step is only reached with a certificate
        if user_input is not None:
            pinned = user_input[CONF_TRUST] == TRUST_PIN
            policy = TlsPolicy(
                verify=pinned,
                pin=shown.sha256 if pinned else None,
                legacy=shown.legacy or self.trusted(self.__url).legacy,
            )
            self.trust(self.__url, policy)
            return await self.__again()
        error, self.__error = self.__error, None
        until = shown.not_after
        unknown = (await async_selector_texts(self.hass, NOTHING))[UNKNOWN]
        return self.async_ask(
            step_id="certificate",
            schema=TRUST_SCHEMA,
            error=error,
            host=self.__url.host or "",
            fingerprint=show_fingerprint(shown.sha256),
            subject=shown.subject or unknown,
            until=f"{until:%Y-%m-%d}" if until else unknown,
        )


class BackendFlow(
    CertificateSteps[ConfigFlowContext, ConfigFlowResult, str], ConfigFlow
):
    """Config flow of one backend, which replaces the integration's own flow class.

    Step ids are global, so they start with the backend's name (``dsmr``, ``dsmr_key``).
    A backend has ``async_step_<name>``, ``async_step_reconfigure_<name>`` and, if it
    has credentials, ``async_step_reauth_<name>``.
    """

    VERSION = ENTRY_VERSION
    MINOR_VERSION = ENTRY_MINOR_VERSION

    options_flow: ClassVar[type[OptionsFlow] | None] = None
    subentry_flows: ClassVar[Mapping[str, type[ConfigSubentryFlow]]] = {}

    @property
    def entry_in_repair(self) -> ConfigEntry[Any] | None:
        """Return the entry that is reauthenticated or reconfigured; None for a new one."""
        if self.source == SOURCE_REAUTH:
            return self._get_reauth_entry()
        if self.source == SOURCE_RECONFIGURE:
            return self._get_reconfigure_entry()
        return None

    async def async_finish(
        self,
        backend: str,
        installation: str,
        title: str,
        data: Mapping[str, Any],
        options: Mapping[str, Any] | None = None,
        *,
        moved: Mapping[str, Any] | None = None,
    ) -> ConfigFlowResult:
        """Create the entry, or update the one that this flow is for.

        ``installation`` is a stable id of the system, never its address. In a reauth or
        reconfigure flow another installation than the entry's is refused. A configured
        installation that is added again gets the values in ``moved`` (None = all of
        ``data``), such as its new address.
        """
        await self.async_set_unique_id(f"{backend}:{clean_id(installation)}")
        if (entry := self.entry_in_repair) is not None:
            self._abort_if_unique_id_mismatch()
            return self.async_update_reload_and_abort(entry, data_updates=data)
        self._abort_if_unique_id_configured(
            updates=dict(data if moved is None else moved)
        )
        # Home Assistant renders titles as Markdown in its own notifications.
        return self.async_create_entry(
            title=plain_words(title),
            data={CONF_BACKEND: backend, **data},
            options=options,
        )


async def async_with_progress[T](work: Awaitable[T]) -> T:
    """Run the work of a progress step, for at least ``SHORTEST_PROGRESS`` seconds.

    If the work ends before the response that shows the progress arrives, the frontend
    misses its end and waits forever.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + SHORTEST_PROGRESS
    [outcome] = await asyncio.gather(work, return_exceptions=True)
    await asyncio.sleep(end - loop.time())
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome
