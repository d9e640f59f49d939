"""Follow a config flow in a browser, with prepared answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
import json
from typing import Final

from playwright.async_api import Locator, TimeoutError as PlaywrightTimeout

from .api import Json
from .backends.base import Answers, Slip
from .browser import Visitor
from .client import DOMAIN, PATIENCE, wait_for
from .config import ROOT
from .flow import FlowError

type Look = Callable[[str], Awaitable[None]]
"""Called with the name of each step, with its form filled in."""

# Time-out for elements that are either present already or missing (ms).
_MOMENT: Final = 3000
# Elements to which Home Assistant's dialog assigns the current step.
_STEPS: Final = ", ".join(
    f"step-flow-{kind}"
    for kind in ("form", "menu", "progress", "create-entry", "abort")
)
# Whether a list has an entry, or takes any entity.
_KNOWS: Final = """(field, value) => {
  const options = field.selector.select?.options;
  return options ? options.some((one) => (one.value ?? one) === value)
    : field.selector.entity !== undefined;
}"""
_GIVE: Final = """(field, value) => field.dispatchEvent(
  new CustomEvent("value-changed", {detail: {value}, bubbles: true, composed: true}))"""
_UNSEEN: Final = """parts => {
  for (const part of parts)
    if (part.step && part.step !== part.seen) return (part.seen = part.step);
}"""


@dataclass(slots=True)
class Seen:
    """Steps that a flow showed."""

    steps: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """The texts of errors, in order."""
    end: str = ""
    """``create_entry``, or the reason for which the flow ended without a new entry."""


def texts(kind: str = "config") -> Json:
    """Return Junction's English texts of a kind of flow: ``config``, ``options``.

    Dots lead to nested keys: ``issues.certificate_changed.fix_flow``.
    """
    file = ROOT / "custom_components" / DOMAIN / "translations" / "en.json"
    found: Json = json.loads(file.read_text())
    for part in kind.split("."):
        found = found[part]
    return found


class FlowDialog:
    """Dialog of a flow, with texts to read, wrong entries, and answers."""

    def __init__(
        self, visitor: Visitor, kind: str = "config", look: Look | None = None
    ) -> None:
        """Use the dialog that is open, or about to open, in a browser."""
        self._visitor = visitor
        self._texts = texts(kind)
        self._look = look
        self.title = ""
        """What stands above the step that is looked at."""
        self.error: tuple[str, str] | None = None
        """The key and the words of what the step says is wrong."""
        self.is_slip = False
        """Whether the form that is looked at was filled in wrongly on purpose."""
        self.shows_error = False
        """Whether it says what was wrong the last time."""

    async def follow(self, answers: Answers, slips: Sequence[Slip] = ()) -> Seen:
        """Answer one step after the other until the flow has ended, and close the dialog.

        A slip is entered when its step first appears, after the valid answers have been shown, and
        must produce its error, in the words of the translations. Raises FlowError if a form comes
        back with another error.
        """
        seen = Seen()
        left = list(slips)
        expected: Slip | None = None
        while True:
            step = await self._next(seen)
            kind, name = step["type"], step.get("step_id") or ""
            seen.steps.append(name)
            # The error may appear only some steps later.
            if step.get("errors") or (expected and kind in ("create_entry", "abort")):
                await self._understand(step, expected, seen)
                expected = None
            match kind:
                case "create_entry" | "abort":
                    seen.end = step.get("reason") or kind
                    said = self._texts.get("abort", {}).get(seen.end, "")
                    placeholders = step.get("description_placeholders") or {}
                    self.title = said.format_map(placeholders)
                    self.is_slip = self.shows_error = False
                    await self._close(kind)
                    return seen
                case "menu":
                    self.is_slip = self.shows_error = False
                    await self._pick(name, answers[name]["next_step_id"])
                    continue
                case "progress":
                    self.title, self.is_slip, self.shows_error = "", False, False
                    if self._look is not None and name not in seen.steps[:-1]:
                        await self._look(name)
                    continue
                case _:
                    entered = answers.get(name, {})
                    self.is_slip = False
                    self.shows_error = bool(step.get("errors"))
                    if expected is None and left and left[0].step == name:
                        if self._look is not None and not self.shows_error:
                            await self.fill(name, entered, step)
                            await self._look(name)
                        expected = left.pop(0)
                        entered = expected.answers
                        self.is_slip = True
                    await self.fill(name, entered, step)
                    if self._look is not None:
                        await self._look(name)
                    await self._visitor.press("Submit")

    async def _next(self, seen: Seen) -> Json:
        """Wait for a new step and return it."""
        parts = self._visitor.dialog.locator(_STEPS)
        return await wait_for(
            lambda: parts.evaluate_all(_UNSEEN),
            PATIENCE,
            lambda: f"no step after {seen.steps}",
        )

    async def _understand(self, step: Json, expected: Slip | None, seen: Seen) -> None:
        """Read the error, which must be the expected one."""
        key = next(iter((step.get("errors") or {}).values()), None)
        if expected is None or key != expected.error:
            wanted = expected.error if expected else "no error"
            at = step.get("step_id") or step.get("reason") or step["type"]
            raise FlowError(f"{at}: {key} instead of {wanted}")
        placeholders = step.get("description_placeholders") or {}
        text = self._texts["error"][key].format_map(placeholders)
        await self._visitor.dialog.get_by_text(text).first.wait_for()
        seen.errors.append(text)
        if self._look is not None:
            self.error = (key, text)
            await self._look(f"{step['step_id']}_error")
            self.error = None

    async def _pick(self, name: str, chosen: str) -> None:
        """Choose from a menu, which must have a description for each option."""
        text = self._texts["step"][name]
        self.title = text.get("title", "")
        for option, title in text["menu_options"].items():
            await self._visitor.see(title)
            await self._visitor.see(text["menu_option_descriptions"][option])
        if self._look is not None:
            await self._look(name)
        title = text["menu_options"][chosen]
        await self._visitor.dialog.get_by_text(title, exact=True).first.click()

    async def _close(self, kind: str) -> None:
        """Press the button at the end; where areas are suggested, that button skips nothing."""
        if self._look is not None:
            await self._look("done" if kind == "create_entry" else "end")
        part = self._visitor.dialog.locator(f"step-flow-{kind.replace('_', '-')}")
        words = {"create_entry": "inish", "abort": "Close"}
        button = self._visitor.dialog.locator("ha-button")
        await button.filter(has_text=words[kind]).click()
        await part.wait_for(state="hidden")

    # Forms

    async def fill(self, name: str, entered: Mapping[str, Json], step: Json) -> None:
        """Enter values into the form of a step, by the names of their fields."""
        text = self._texts["step"][name]
        self.title = ""
        if title := text.get("title"):
            placeholders = step.get("description_placeholders") or {}
            self.title = title.format_map(placeholders)
            await self._visitor.see(self.title)
        for key, value in entered.items():
            section = text.get("sections", {}).get(key)
            if section is None:
                await self._enter(self._visitor.dialog, text["data"][key], value)
                continue
            if not value:
                continue
            panel = await self._open(section["name"])
            for inner, given in value.items():
                await self._enter(panel, section["data"][inner], given)

    async def _open(self, name: str) -> Locator:
        """Open a section if it is closed."""
        panel = self._visitor.dialog.locator("ha-expansion-panel").filter(has_text=name)
        await panel.first.wait_for()
        if not await panel.evaluate("panel => panel.expanded"):
            await panel.get_by_text(name, exact=True).first.click()
        return panel

    async def read(self, label: str) -> Json:
        """Return the value of the field with this label in the form."""
        field = await self._field(self._visitor.dialog, label)
        return await field.evaluate("field => field.value")

    async def _field(self, place: Locator, label: str) -> Locator:
        async def there() -> Locator | None:
            for found in await place.locator("ha-selector").all():
                if await found.evaluate("field => field.label") == label:
                    return found
            return None

        return await wait_for(there, 10, f"no field {label}")

    async def _enter(self, place: Locator, label: str, value: Json) -> None:
        """Enter a value by keyboard, or by a click on an option."""
        field = await self._field(place, label)
        match value:
            case bool():
                await _turn(field.locator("ha-switch"), value)
            case list():
                boxes = field.locator("ha-checkbox")
                picker = field.locator("ha-generic-picker, ha-picker-field")
                await boxes.or_(picker).first.wait_for()
                if not await boxes.count():
                    await _give(field, value)
                for box in await boxes.all():
                    await _turn(box, await box.evaluate("box => box.value") in value)
            case _:
                await self._choose_or_type(field, str(value))

    async def _choose_or_type(self, field: Locator, value: str) -> None:
        """Choose an option, or type a custom value, until the form has it.

        Once the ports are known, a list with a last line for other ports replaces the input field.
        """

        async def entered() -> bool:
            if not await has(value):
                with suppress(PlaywrightTimeout):
                    await self._attempt(field, value)
            return await has(value)

        async def has(value: str) -> bool:
            return str(await field.evaluate("field => field.value")) == value

        await wait_for(entered, PATIENCE, f"{value} cannot be entered")

    async def _attempt(self, field: Locator, value: str) -> None:
        picker = field.locator("ha-picker-field")
        option = field.locator(f"[value={json.dumps(value)}]")
        text = field.locator("input:not([type=radio]), textarea")
        await picker.or_(option).or_(text).first.wait_for()
        if await option.count():
            await option.first.click(timeout=_MOMENT)
            return
        if await field.evaluate(_KNOWS, value):
            await _give(field, value)
            return
        if await picker.count():
            await picker.click(timeout=_MOMENT)
            await field.get_by_text("Enter manually").click(timeout=_MOMENT)
            await picker.wait_for(state="detached", timeout=_MOMENT)
        await text.first.fill(value, timeout=_MOMENT)


async def _give(field: Locator, value: Json) -> None:
    """Choose a value for a field by searching its list."""

    async def given() -> bool:
        await field.evaluate(_GIVE, value)
        return bool(await field.evaluate("field => field.value") == value)

    await wait_for(given, PATIENCE, f"{value} cannot be entered")


async def _turn(switch: Locator, on: bool) -> None:
    """Click on a switch or a check box unless it already has the value."""
    await switch.wait_for()
    if await switch.evaluate("it => it.checked") is not on:
        await switch.click()
