"""Pictures of every dialog and its errors, on a desktop and on a phone."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from playwright.async_api import TimeoutError as PlaywrightTimeout

from .api import Json
from .backends.base import NOBODY, Answers, SimulatedSystem, Slip, Tour, Trouble, Visit
from .backends.dsmr import SimulatedMeter
from .browser import Visitor
from .client import Client, wait_for
from .dialog import FlowDialog, texts
from .dialog_page import ENDS, Picture, picture_name, shrink
from .house import DemoHouse
from .strangers import Strangers
from .table import StepFailed, Table

DLMS: Final = "dlms"
"""Name for the pictures of ``walk``, among those of the systems."""
_WALKS: Final = ("no-aidon", "at-kaifa-enc", "ch-landis")
_ADDRESSES: Final = ("url", "host")
# Time-out for a repair issue (s): another meter has to send its number several times.
_REPORTED_WITHIN: Final = 90
# Flows with the same steps, of which only the new steps are pictured.
_SAME: Final = {
    **dict.fromkeys(
        (
            "set-up",
            "moved",
            "terms",
            "cloud",
            "legacy-cloud",
            "unseen-hub",
            "several-hubs",
        ),
        "",
    ),
    "other-meter": "reconfigure",
    "forward-https": "forward",
    "forward-again": "forward",
}
# The menu is the same for all; forwarding has another step of this name.
_WITH_USER: Final = {"dsmr": ("set-up", "forward")}
_SECRETS: Final = ("api_key", "password", "code")
# Captions of steps without a title.
_UNTITLED: Final = {
    "user": "The menu",
    "dsmr_listen": "Junction listens to the port",
    "done": "Done",
    "end": "Done",
}


class _Enough(Exception):
    """The dialog has reached the last step to picture."""


class DialogPhotographer:
    """Takes pictures of every dialog, with its errors."""

    def __init__(
        self,
        table: Table,
        client: Client,
        visitor: Visitor,
        strangers: Strangers,
        folder: Path,
    ) -> None:
        """Use an empty Home Assistant; pictures go to ``folder``."""
        self._table = table
        self._client = client
        self._visitor = visitor
        self._strangers = strangers
        self._folder = folder
        self._taken: list[Picture] = []
        self._seen: set[tuple[str, str]] = set()
        self._cut_off: list[str] = []

    async def look_at(self, system: SimulatedSystem) -> list[Picture]:
        """Take each dialog of a system, and return the pictures."""
        self._begin()
        self._visitor.shown_as |= system.shown_as()
        name, entry_id = system.name, ""
        with self._table.step(f"{name}: set up"):
            slips = [*self._strangers.slips(system), *system.slips()]
            entry_id = await self._add("set-up", name, system.answers(), slips)
            await self._client.wait_until_loaded(entry_id)
        if not entry_id:
            return self._taken
        with self._table.step(f"{name}: add it again"):
            await self._visitor.add_integration()
            await self._follow("again", name, system.answers())
        for tour in (
            Tour(name="options", kind="options", answers=system.options()),
            *await system.tours(Visit(self._client, entry_id)),
        ):
            with self._table.step(f"{name}: {tour.name} {tour.until}"):
                await self._tour(tour, name, entry_id)
                await self._client.wait_until_loaded(entry_id)
        if moved := await system.move():
            with self._table.step(f"{name}: reconfigure"):
                row = await self._visitor.entry(entry_id)
                await self._visitor.choose(row, "Reconfigure")
                slips = _slip(moved, _ADDRESSES, "connection_refused")
                await self._follow("reconfigure", name, moved, slips)
                await self._client.wait_until_loaded(entry_id)
        if known := system.lock_out():
            with self._table.step(f"{name}: log in again"):
                await self._log_in_again(system, entry_id, known)
        for trouble in system.troubles():
            with self._table.step(f"{name}: {trouble.key}"):
                await self._repair(trouble, name, entry_id)
        self._check(name)
        return self._taken

    async def walk(self, house: DemoHouse, folder: Path) -> list[Picture]:
        """Add and remove a meter of several kinds that push DLMS lists."""
        self._begin()
        for dialect in _WALKS:
            with self._table.step(f"{DLMS}: {dialect}"):
                meter = SimulatedMeter(house.house, folder, dialect)
                meter.use_public_address()
                await meter.start()
                try:
                    self._seen.clear()
                    answers = meter.answers()
                    slips = meter.slips()[1:]
                    entry_id = await self._add(dialect, "dsmr", answers, slips)
                    await self._client.remove(entry_id)
                finally:
                    await meter.stop()
        self._check(DLMS)
        return self._taken

    def _begin(self) -> None:
        self._taken, self._cut_off = [], []
        self._seen.clear()

    def _check(self, name: str) -> None:
        with self._table.step(f"{name}: texts are shown to their end"):
            if self._cut_off:
                raise StepFailed("\n".join(self._cut_off))

    async def _add(
        self, flow: str, system: str, answers: Answers, slips: Sequence[Slip]
    ) -> str:
        """Add a system, and return the id of its entry."""
        before = {entry["entry_id"] for entry in await self._client.entries()}
        await self._visitor.add_integration()
        await self._follow(flow, system, answers, slips)
        [entry_id] = (
            str(entry["entry_id"])
            for entry in await self._client.entries()
            if entry["entry_id"] not in before
        )
        return entry_id

    async def _tour(self, tour: Tour, system: str, entry_id: str) -> None:
        await tour.before(Visit(self._client, entry_id))
        if tour.kind == "config" and not tour.changes:
            await self._visitor.add_integration()
        else:
            row = await self._visitor.entry(entry_id)
            if tour.kind == "options":
                await self._visitor.configure(row)
            elif tour.kind == "config":
                await self._visitor.choose(row, "Reconfigure")
            elif tour.changes:
                part = self._visitor.page.locator("ha-config-sub-entry-row").first
                await self._visitor.configure(part)
            else:
                item = texts(f"{tour.kind}.initiate_flow")["user"]
                await self._visitor.choose(row, item)
        await self._follow(
            tour.name, system, tour.answers, tour.slips, tour.kind, tour.until
        )

    async def _log_in_again(
        self, system: SimulatedSystem, entry_id: str, known: Answers
    ) -> None:
        await self._client.reload(entry_id)
        await self._visitor.leave()
        button = self._visitor.page.get_by_role(
            "button", name="Reconfigure", exact=True
        )
        await button.first.click()
        last = system.slips()[-1]
        slips = [
            Slip(step, {**right, secret: last.answers[secret]}, last.error)
            for step, right in known.items()
            for secret in _SECRETS
            if secret in right
        ]
        await self._follow("log-in", system.name, known, slips)
        await self._client.wait_until_loaded(entry_id)

    async def _repair(self, trouble: Trouble, system: str, entry_id: str) -> None:
        """Take the repair issue, and its choices if there are any."""
        key = trouble.key
        await trouble.cause()
        await self._client.reload(entry_id)

        async def reported() -> Json:
            issues = await self._client.repairs()
            return next((one for one in issues if one["translation_key"] == key), None)

        issue: Json = await wait_for(reported, _REPORTED_WITHIN, f"no repair {key}")
        words = texts(f"issues.{key}")
        title = words["title"].format_map(issue["translation_placeholders"] or {})
        await self._visitor.repair(title)
        if "fix_flow" in words:
            kind = f"issues.{key}.fix_flow"
            await self._follow("repair", system, {}, (), kind, "choose")
        else:
            await self._visitor.page.locator("dialog[open]").first.wait_for()
            await self._keep("repair", system, key, "", title)
            await self._visitor.leave()
        trouble.undo()

    async def _follow(
        self,
        flow: str,
        system: str,
        answers: Answers,
        slips: Sequence[Slip] = (),
        kind: str = "config",
        until: str = "",
    ) -> None:
        async def look(step: str) -> None:
            if dialog.error or not (dialog.is_slip or dialog.shows_error):
                await self._take(system, flow, step, dialog, kind)
            if step == until:
                raise _Enough

        dialog = FlowDialog(self._visitor, kind, look)
        try:
            await dialog.follow(answers, slips)
        except _Enough:
            await self._visitor.close_dialog()
        except Exception:
            # Close the dialog so that it does not block the next one.
            with suppress(PlaywrightTimeout):
                await self._visitor.close_dialog()
            await self._visitor.leave()
            raise

    async def _take(
        self, system: str, flow: str, step: str, dialog: FlowDialog, kind: str
    ) -> None:
        """Take the current step on a desktop and on a phone, unless it is already there."""
        key, words = dialog.error or ("", dialog.title)
        if flow == "again" and step not in ENDS:
            return
        if step in ENDS and not words and flow != "set-up":
            return  # Home Assistant's own text
        if step == "user" and flow not in _WITH_USER.get(system, ()):
            return
        step = step.removesuffix("_error")
        if kind.startswith("issues."):
            step = kind.split(".")[1]
        group = flow if step in ENDS else _SAME.get(flow, flow)
        if (found := (f"{group}/{step}", key)) in self._seen:
            return
        self._seen.add(found)
        await self._keep(flow, system, step, key, words or _UNTITLED.get(step, step))

    async def _keep(
        self, flow: str, system: str, step: str, key: str, caption: str
    ) -> None:
        """Take the current step on a desktop and on a phone."""
        name = picture_name(system, flow, step, key)
        await self._visitor.dialog_picture(name)
        self._note(name, await self._visitor.cut_off())
        self._note(
            f"{name}-phone", await self._visitor.phone_dialog_picture(f"{name}-phone")
        )
        desktop, phone = self._visitor.pictures[-2:]
        for picture in (desktop, phone):
            shrink(picture)
        # A word joiner prevents addresses in servers' messages from becoming links.
        caption = caption.replace("\N{WORD JOINER}", "")
        for real, shown in self._visitor.shown_as.items():
            caption = caption.replace(real, shown)
        self._taken.append(Picture(flow, step, key, caption, desktop, phone))

    def _note(self, name: str, texts: Sequence[str]) -> None:
        self._cut_off += (f"{name}: {text}" for text in texts)


def _slip(answers: Answers, fields: Sequence[str], error: str) -> list[Slip]:
    """Return the first answer with an invalid value in one of the given fields."""
    for step, entered in answers.items():
        for field in fields:
            if field in entered:
                wrong: dict[str, Json] = {**entered, field: NOBODY}
                return [Slip(step, wrong, error)]
    return []
