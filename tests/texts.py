"""Required texts for users, and whether they exist.

Home Assistant shows a bare key, or nothing, where a text is missing, and its own tests for that
are not available to custom integrations. `Watch` checks everything that is shown while the tests
run: forms, menus, aborts, points, devices, errors, issues. Every line of every flow is tested, and
so is every text in it.
"""

from collections.abc import Collection, Generator, Iterable, Mapping
from contextlib import contextmanager
from functools import cache
import json
from pathlib import Path
import re
from string import Formatter
from typing import Any, Final, cast
from unittest.mock import patch

from homeassistant.components.repairs import RepairsFlow
from homeassistant.config_entries import SOURCE_REAUTH, ConfigSubentryFlow, OptionsFlow
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowHandler, FlowResultType, section
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.helpers.typing import UNDEFINED
import probatio as vol

from custom_components import junction
from custom_components.junction.backends.secret_fields import is_secret
from custom_components.junction.const import DOMAIN
from custom_components.junction.model import Point

FOLDER: Final = Path(junction.__file__).parent
# Entities that Home Assistant names by their device class if nothing else does, and
# those that look bare without an icon of their own.
NAMED_BY_CLASS: Final = {"binary_sensor", "button", "event", "number", "sensor"}
BARE: Final = {"binary_sensor", "button", "event", "number", "select", "sensor"}
# Flows of the fake backend that share step names with real ones.
MADE_UP: Final = {"FakeOptionsFlow", "FakeSubentryFlow"}
# Texts that Home Assistant itself has for every integration.
KNOWN_ABORTS: Final = {"already_in_progress"}


# Useless error details: an empty text, or a status alone.
TELLING: Final = re.compile(r"(^|\.)(error|exceptions|issues)\.")
NOTHING: Final = re.compile(r"\s*|-|(HTTP )?\d{3}")


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return the leaves of a tree of texts by their dotted path."""
    leaves: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, str):
            leaves[prefix + key] = value
        else:
            leaves |= flatten(value, f"{prefix}{key}.")
    return leaves


@cache
def texts(language: str = "en") -> dict[str, str]:
    """Return all texts of a language."""
    file = FOLDER / "translations" / f"{language}.json"
    return flatten(json.loads(file.read_text(encoding="utf-8")))


@cache
def icons() -> dict[str, str]:
    """Return all icons."""
    return flatten(json.loads((FOLDER / "icons.json").read_text(encoding="utf-8")))


@cache
def parents() -> frozenset[str]:
    """Return the paths of everything that has texts below it."""
    return frozenset(
        key[:dot] for key in texts() for dot in range(len(key)) if key[dot] == "."
    )


def placeholders(text: str) -> set[str]:
    """Return the placeholders."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def missing(
    key: str, given: Collection[str] = (), *, optional: bool = False
) -> list[str]:
    """Return the faults of a key's text, given its placeholders."""
    if (text := texts().get(key)) is None:
        return [] if optional else [f"no text {key}"]
    names = sorted(placeholders(text))
    problems = [f"{key}: nothing for {{{n}}}" for n in names if n not in given]
    if isinstance(given, Mapping) and TELLING.search(key):
        problems += [
            f"{key}: {{{n}}} says nothing: {given[n]!r}"
            for n in names
            if n != "status" and n in given and NOTHING.fullmatch(str(given[n]))
        ]
    return problems


def check_entity(
    platform: str, description: Any, *, named: bool, given: Collection[str] | None
) -> list[str]:
    """Return the missing texts of an entity; `given` None = unknown."""
    key = description.translation_key
    path = f"entity.{platform}.{key}"
    by_class = platform in NAMED_BY_CLASS and description.device_class is not None
    if key is None:
        # A table may leave the name to the point, which has the user's own name.
        fine = named or by_class or given is None or description.name is not UNDEFINED
        return [] if fine else [f"{platform} {description.key} has no name"]
    if path not in parents():
        return [f"no text {path}"]
    problems = []
    if not named:
        name = f"{path}.name"
        allowed = placeholders(texts().get(name, "")) if given is None else given
        optional = by_class or description.name is None
        problems += missing(name, allowed, optional=optional)
    if options := getattr(description, "options", None):
        for option in options:
            problems += missing(f"{path}.state.{option}")
    for event in getattr(description, "event_types", None) or ():
        problems += missing(f"{path}.state_attributes.event_type.state.{event}")
    if platform in BARE and description.device_class is None and not named:
        if f"{path}.default" not in icons():
            problems.append(f"no icon {path}.default")
    return problems


class Watch:
    """Collects missing texts of everything that is shown."""

    def __init__(self) -> None:
        self.problems: set[str] = set()
        self._seen: set[tuple[object, ...]] = set()

    def note(self, problems: Iterable[str]) -> None:
        self.problems.update(problems)

    def point(self, point: Point[Any]) -> None:
        """Check the name, states and icon of a point."""
        description = cast("Any", point.description)
        fact = (
            point.platform,
            description.translation_key,
            description.key,
            description.device_class,
            point.name is None,
            *sorted(point.placeholders),
        )
        if fact not in self._seen:
            self._seen.add(fact)
            self.note(
                check_entity(
                    point.platform,
                    description,
                    named=point.name is not None,
                    given=point.placeholders,
                )
            )

    def flow(self, flow: Any, result: Mapping[str, Any]) -> None:
        """Check the texts of a flow."""
        if flow.handler == DOMAIN or _entry_domain(flow) == DOMAIN:
            if (base := _base(flow)) is not None:
                auto = {"name"} if flow.source == SOURCE_REAUTH else set()
                self.note(_check_result(base, result, auto))


@contextmanager
def watch(seen: Watch) -> Generator[None]:
    """Let a `Watch` see everything."""
    hooks = [
        patch.object(owner, name, _following(getattr(owner, name), look))
        for owner, name, look in (
            (Point, "__post_init__", lambda self, _, **__: seen.point(self)),
            (dr.DeviceRegistry, "_resolve_translated_name", _device(seen)),
            (HomeAssistantError, "__init__", _error(seen)),
            (ir.IssueRegistry, "async_get_or_create", _issue(seen)),
            *(
                (FlowHandler, name, lambda self, result, **_: seen.flow(self, result))
                for name in (
                    "async_show_form",
                    "async_show_menu",
                    "async_show_progress",
                    "async_abort",
                )
            ),
        )
    ]
    for hook in hooks:
        hook.start()
    try:
        yield
    finally:
        for hook in hooks:
            hook.stop()


def _following(original: Any, look: Any) -> Any:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        look(self, result, *args, **kwargs)
        return result

    return call


def _device(seen: Watch) -> Any:
    def look(_: Any, __: str, entry: Any, key: str, given: Any) -> None:
        if entry.domain == DOMAIN:
            seen.note(missing(f"device.{key}.name", given or ()))

    return look


def _error(seen: Watch) -> Any:
    def look(error: HomeAssistantError, _: None, *args: object, **kwargs: Any) -> None:
        if error.translation_domain == DOMAIN:
            given = error.translation_placeholders or ()
            seen.note(missing(f"exceptions.{error.translation_key}.message", given))

    return look


def _issue(seen: Watch) -> Any:
    def look(_: Any, issue: ir.IssueEntry, *args: object, **kwargs: Any) -> None:
        key = issue.translation_key or ""
        if issue.domain == DOMAIN and not key.startswith("fake"):
            given = issue.translation_placeholders or ()
            seen.note(missing(f"issues.{key}.title", given))
            if not issue.is_fixable:
                seen.note(missing(f"issues.{key}.description", given))

    return look


def _entry_domain(flow: Any) -> str | None:
    """Return the domain of the entry that an options or subentry flow is about."""
    handler = flow.handler
    entry_id = handler[0] if isinstance(handler, tuple) else handler
    hass: HomeAssistant = flow.hass
    entry = hass.config_entries.async_get_entry(entry_id)
    return entry.domain if entry else None


def _base(flow: Any) -> str | None:
    """Return the translation section of a flow; None for flows that a test made up."""
    base: str | None = "config"
    if isinstance(flow, OptionsFlow):
        base = "options"
    elif isinstance(flow, ConfigSubentryFlow):
        base = f"config_subentries.{flow.handler[1]}"
    elif isinstance(flow, RepairsFlow):
        issue = ir.async_get(flow.hass).async_get_issue(DOMAIN, flow.issue_id)
        key = issue.translation_key or "" if issue else "fake"
        base = None if key.startswith("fake") else f"issues.{key}.fix_flow"
    return None if type(flow).__name__ in MADE_UP else base


def _check_result(base: str, result: Mapping[str, Any], auto: set[str]) -> list[str]:
    kind = result["type"]
    given = {
        **dict.fromkeys(auto, "by itself"),
        **(result.get("description_placeholders") or {}),
    }
    if kind == FlowResultType.ABORT:
        reason = result["reason"]
        if "translation_domain" in result or reason in KNOWN_ABORTS:
            return []
        return missing(f"{base}.abort.{reason}", given)
    if kind == FlowResultType.SHOW_PROGRESS:
        return missing(f"{base}.progress.{result['progress_action']}", given)
    step = f"{base}.step.{result['step_id']}"
    if step.endswith("fake"):
        return []
    problems = [
        *missing(f"{step}.title", given, optional=True),
        *missing(f"{step}.description", given, optional=True),
    ]
    if kind == FlowResultType.MENU:
        for option in result["menu_options"]:
            problems += missing(
                f"{step}.menu_options.{option}", given, optional=option == "fake"
            )
        return problems
    if f"{step}.title" not in texts() and f"{step}.description" not in texts():
        problems.append(f"no text {step}.title or .description")
    for error in (result.get("errors") or {}).values():
        problems += missing(f"{base}.error.{error}", given)
    schema = result["data_schema"]
    return problems + _check_fields(step, schema.schema if schema else {}, given)


def _check_fields(
    step: str, schema: Mapping[Any, Any], given: Collection[str]
) -> list[str]:
    problems: list[str] = []
    for marker, field in schema.items():
        name = str(marker)
        if isinstance(field, section):
            problems += missing(f"{step}.sections.{name}.name", given)
            problems += _check_fields(
                f"{step}.sections.{name}", field.schema.schema, given
            )
            continue
        if is_secret(field) and (
            marker.description or not isinstance(marker.default, vol.Undefined)
        ):
            problems.append(f"{step}.data.{name}: a secret in a form")
        problems += missing(f"{step}.data.{name}", given)
        problems += missing(f"{step}.data_description.{name}", given)
        config = getattr(field, "config", None) or {}
        if key := config.get("translation_key"):
            for option in config["options"]:
                value = option["value"] if isinstance(option, dict) else option
                if not key.startswith("fake"):
                    problems += missing(f"selector.{key}.options.{value}")
    return problems
