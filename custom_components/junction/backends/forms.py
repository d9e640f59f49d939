"""Forms that show errors, keep secrets, and clean their input."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.const import CONF_PASSWORD
from homeassistant.core import callback
from homeassistant.data_entry_flow import FlowContext, FlowHandler, FlowResult
import probatio as vol

from ..cleaning import clean_text, plain_words
from ..errors import BackendError
from ..wording import async_filled
from .secret_fields import secrets_of, with_secrets, without_secrets
from .sections import expand_sections


class TidySchema(vol.Schema):
    """Schema that removes artifacts of pasting.

    It removes whitespace around a text, invisible characters, and what cannot be stored
    or sent. Whitespace in a password stays, because it may be part of it, and it is not
    sent in a header.
    """

    @override
    def __call__(self, data: Any, **context: Any) -> Any:
        """Return the validated input, cleaned."""
        return _tidy(super().__call__(data, **context))


def _tidy(value: Any) -> Any:  # noqa: ANN401 - any form value
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
    """Forms that show errors, and never send a secret to the browser.

    A secret that is left empty keeps its value: that of the entry, set by ``keep``, or
    the one entered before in this flow.
    """

    __secrets: Mapping[str, str] = {}

    def keep(self, schema: vol.Schema, filled: Mapping[str, Any]) -> None:
        """Store secrets, so that the form need not ask for them again."""
        self.__secrets = {**self.__secrets, **secrets_of(schema, filled)}

    def complete(
        self, schema: vol.Schema, user_input: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the input of a form, with stored values for secrets that were left empty."""
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
        """Show a form without any secret; its input is cleaned."""
        # A form without fields may have no schema.
        shown = without_secrets(data_schema or vol.Schema({}), self.__secrets)
        tidy = TidySchema(shown.schema, extra=shown.extra, required=shown.required)
        if words := kwargs.get("description_placeholders"):
            kwargs["description_placeholders"] = async_filled(self.hass, words)
        return super().async_show_form(step_id=step_id, data_schema=tidy, **kwargs)

    @callback
    def async_ask(
        self,
        *,
        step_id: str,
        schema: vol.Schema,
        error: BackendError | None = None,
        field: str = "base",
        wrong: str = "",
        filled: Mapping[str, Any] | None = None,
        ours: Mapping[str, str] | None = None,
        **words: str,
    ) -> ResultT:
        """Show the form of a step, filled in, with the error of the last attempt.

        ``words`` and the error's placeholders fill the texts; ``field`` is where the
        error is shown, and ``wrong`` is the section that it is about. Texts may come
        from a server, so Markdown and HTML in them are escaped. Placeholders in
        ``ours`` are shown as they are.
        """
        if error is not None:
            schema = expand_sections(schema, filled, wrong)
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
