"""Forms that say what went wrong, keep secrets, and take tidy text."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.const import CONF_PASSWORD
from homeassistant.core import callback
from homeassistant.data_entry_flow import FlowContext, FlowHandler, FlowResult
import probatio as vol

from ..cleaning import clean_text, plain_words
from ..errors import BackendError
from .secret_fields import secrets_of, with_secrets, without_secrets
from .sections import unfold


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
