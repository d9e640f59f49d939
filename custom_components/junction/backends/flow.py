"""Shared base of all config flows: forms with errors, and trust in certificates."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Final, override

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
from homeassistant.const import CONF_PASSWORD
from homeassistant.core import callback
from homeassistant.data_entry_flow import FlowContext, FlowHandler, FlowResult
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

from ..cleaning import clean_id, clean_text, plain_words
from ..const import CONF_BACKEND, ENTRY_MINOR_VERSION, ENTRY_VERSION
from ..errors import BackendError
from .http import (
    Certificate,
    CertificateChangedError,
    CertificateNotTrustedError,
    TlsFailedError,
    TlsPolicy,
    fetch_certificate,
    show_fingerprint,
)
from .secret_fields import secrets_of, with_secrets, without_secrets
from .sections import unfold
from .session import brief_session
from .words import NOTHING, UNKNOWN, async_words

CONF_TRUST: Final = "trust"
TRUST_PIN: Final = "pin"
TRUST_ANY: Final = "any"

SHORTEST_PROGRESS: Final = 1.0
"""How long progress is shown at least (s)."""


SECRET: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
"""The field of a key or a password."""


def number(
    low: float, high: float, unit: str | None = None, *, step: float | str = 1
) -> NumberSelector:
    """Return the box of a number; ``step`` may be "any"."""
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
    """Return a choice of words, ``selector.<key>.options``; ``is_list`` shows all."""
    config = SelectSelectorConfig(options=list(options), translation_key=key)
    if is_list:
        config["mode"] = SelectSelectorMode.LIST
    return SelectSelector(config)


def choice_of(
    names: Mapping[str, str], *, multiple: bool = False, is_list: bool = False
) -> SelectSelector:
    """Return a choice of things that have names of their own, given by what is chosen."""
    config = SelectSelectorConfig(
        options=[SelectOptionDict(value=v, label=name) for v, name in names.items()],
        multiple=multiple,
    )
    if is_list:
        config["mode"] = SelectSelectorMode.LIST
    return SelectSelector(config)


TRUST_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_TRUST, default=TRUST_PIN): choice(
            CONF_TRUST, TRUST_PIN, TRUST_ANY, is_list=True
        )
    }
)


class TidySchema(vol.Schema):
    """Takes away what came along when something was pasted.

    Blanks around a text, invisible characters, and what cannot be stored or sent. A
    password keeps its blanks: it goes into no header, and they may be part of it.
    """

    @override
    def __call__(self, data: Any, **context: Any) -> Any:
        """Return the validated input, tidy."""
        return _tidy(super().__call__(data, **context))


def _tidy(value: Any) -> Any:  # noqa: ANN401 - whatever a form holds
    if isinstance(value, str):
        return clean_text(value).strip()
    if isinstance(value, dict):
        return {
            name: clean_text(part)
            if name == CONF_PASSWORD and isinstance(part, str)
            else _tidy(part)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [_tidy(part) for part in value]
    return value


class Forms[
    ContextT: FlowContext,
    ResultT: FlowResult[Any, Any],
    HandlerT,
](FlowHandler[ContextT, ResultT, HandlerT]):
    """Forms that say what went wrong, and never show a secret.

    A secret that is left empty stays what it was: that of the entry, which ``keep``
    takes, or what was typed before in this flow.
    """

    __secrets: Mapping[str, str] = {}

    def keep(self, schema: vol.Schema, filled: Mapping[str, Any]) -> None:
        """Keep the secrets that a form need not ask for again."""
        self.__secrets = {**self.__secrets, **secrets_of(schema, filled)}

    def complete(
        self, schema: vol.Schema, user_input: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what was typed into a form, with the secrets that were left empty."""
        full = with_secrets(schema, user_input, self.__secrets)
        self.keep(schema, full)
        return full

    @callback
    @override
    def async_show_form(
        self,
        *,
        step_id: str | None = None,
        data_schema: vol.Schema | None = None,
        **kwargs: Any,
    ) -> ResultT:
        """Show a form without any secret; what is typed into it arrives tidy."""
        # A form without a field may come without a schema.
        shown = without_secrets(data_schema or vol.Schema({}), self.__secrets)
        tidy = TidySchema(shown.schema, extra=shown.extra, required=shown.required)
        return super().async_show_form(step_id=step_id, data_schema=tidy, **kwargs)

    @callback
    def async_ask(
        self,
        *,
        step_id: str,
        schema: vol.Schema,
        error: BackendError | None = None,
        field: str = "base",
        filled: Mapping[str, Any] | None = None,
        ours: Mapping[str, str] | None = None,
        **words: str,
    ) -> ResultT:
        """Show the form of a step, filled in, and the error of the last attempt.

        ``words`` and the error's own placeholders fill the texts; ``field`` is where
        the error is shown. A server may have chosen the words, so no markup of theirs
        takes effect; ``ours`` are placeholders that are shown as they are.
        """
        if error is not None:
            schema = unfold(schema, filled)
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, filled),
            errors={} if error is None else {field: error.key},
            description_placeholders={
                **({} if error is None else error.placeholders),
                **{name: plain_words(text) for name, text in words.items()},
                **(ours or {}),
            },
        )


class CertificateSteps[
    ContextT: FlowContext,
    ResultT: FlowResult[Any, Any],
    HandlerT,
](Forms[ContextT, ResultT, HandlerT]):
    """Asks what to do about a certificate that nobody vouches for, or a changed one.

    A step that talks to a server uses the ``trusted`` policy of its address, and gives
    what it fails with to ``async_ask_for_trust``. ``trust`` says what was decided before
    this flow. Further steps are named as this flow's others: ``certificate``.
    """

    __trusted: Mapping[URL, TlsPolicy] = {}
    __url: URL = URL()
    __shown: Certificate | None = None
    __error: BackendError | None = None
    __again: Callable[[], Awaitable[ResultT]]

    def trust(self, url: URL, policy: TlsPolicy) -> None:
        """Keep whose certificate is good enough at an address."""
        self.__trusted = {**self.__trusted, url.origin(): policy}

    def trusted(self, url: URL) -> TlsPolicy:
        """Return what was decided about an address; as usual if nothing was."""
        return self.__trusted.get(url.origin(), TlsPolicy())

    async def async_ask_for_trust(
        self,
        error: BackendError,
        url: URL,
        again: Callable[[], Awaitable[ResultT]],
        *,
        suspects: tuple[type[BackendError], ...] = (),
    ) -> ResultT | None:
        """Show the certificate of a server and go on with ``again`` when it is trusted.

        Returns None when the error has nothing to do with it, or there is none to show.
        ``suspects`` are errors of a system that may also come of its certificate.
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
        """Show the certificate, and ask what to do about it."""
        shown = self.__shown
        assert shown is not None  # only led here with one
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
        unknown = (await async_words(self.hass, NOTHING))[UNKNOWN]
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
    """The steps of one backend, which the config flow of the integration turns into.

    Step ids are global: they start with the backend's name (``dsmr``, ``dsmr_key``).
    A backend has ``async_step_<name>``, ``async_step_reconfigure_<name>`` and, where
    there are credentials, ``async_step_reauth_<name>``.
    """

    VERSION = ENTRY_VERSION
    MINOR_VERSION = ENTRY_MINOR_VERSION

    options_flow: ClassVar[type[OptionsFlow] | None] = None
    subentry_flows: ClassVar[Mapping[str, type[ConfigSubentryFlow]]] = {}

    @property
    def entry_in_repair(self) -> ConfigEntry[Any] | None:
        """The entry that is re-authenticated or reconfigured; None for a new one."""
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
        """Create the entry, or update the one that this flow is about.

        ``installation`` is a stable id of what answered, never its address. Another
        installation than the entry's is refused; a known one that is added again gets
        what is in ``moved`` (None = all of ``data``), such as its new address.
        """
        await self.async_set_unique_id(f"{backend}:{clean_id(installation)}")
        if (entry := self.entry_in_repair) is not None:
            self._abort_if_unique_id_mismatch()
            return self.async_update_reload_and_abort(entry, data_updates=data)
        self._abort_if_unique_id_configured(
            updates=dict(data if moved is None else moved)
        )
        # Home Assistant shows titles as Markdown in its own notices.
        return self.async_create_entry(
            title=plain_words(title),
            data={CONF_BACKEND: backend, **data},
            options=options,
        )


async def async_at_leisure[T](work: Awaitable[T]) -> T:
    """Do the work of a progress step, for as long as it takes the user to see it at least.

    The user interface forgets how the work ended if that comes before the answer that
    tells it of the progress, and then waits for ever.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + SHORTEST_PROGRESS
    [outcome] = await asyncio.gather(work, return_exceptions=True)
    await asyncio.sleep(end - loop.time())
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome
