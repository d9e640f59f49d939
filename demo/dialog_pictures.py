"""Pictures of every dialog with its mistakes, on a desktop and on a phone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
import html
from pathlib import Path
from typing import Final

from .api import Json
from .backends.base import NOBODY, Answers, SimulatedSystem, Slip
from .browser import Visitor
from .client import DOMAIN, Client
from .dialog import FlowDialog
from .table import Table

_ADDRESSES: Final = ("url", "host")


class DialogPhotographer:
    """A person who opens every dialog with a camera at hand, and errs in each."""

    def __init__(
        self, table: Table, client: Client, visitor: Visitor, folder: Path
    ) -> None:
        """Work in a Home Assistant that has nothing yet; pictures go to ``folder``."""
        self._table = table
        self._client = client
        self._visitor = visitor
        self._folder = folder
        self._taken: list[tuple[str, Path, Path]] = []

    async def look_at(self, system: SimulatedSystem) -> None:
        """Take each dialog of a system, then all of them on one sheet."""
        self._taken = []
        name = system.name
        (self._folder / name).mkdir(parents=True, exist_ok=True)
        with self._table.step(f"{name}: set up"):
            async with silent_line() as port:
                slips = [*_silent(system, port), *system.slips()]
                await self._visitor.add_integration()
                await self._follow("set-up", system, system.answers(), slips)
        [entry_id] = [
            str(entry["entry_id"])
            for entry in await self._client.entries()
            if any(
                entity.backend == name
                for entity in await self._client.entities(str(entry["entry_id"]))
            )
        ]
        await self._client.wait_until_loaded(entry_id)
        with self._table.step(f"{name}: add it again"):
            await self._visitor.add_integration()
            await self._follow("again", system, system.answers())
        with self._table.step(f"{name}: options"):
            await self._visitor.configure(await self._visitor.entry(entry_id))
            await self._follow("options", system, system.options(), kind="options")
        if moved := await system.move():
            with self._table.step(f"{name}: reconfigure"):
                row = await self._visitor.entry(entry_id)
                await self._visitor.choose(row, "Reconfigure")
                slips = list(_slip(moved, _ADDRESSES, "connection_refused"))
                await self._follow("reconfigure", system, moved, slips)
                await self._client.wait_until_loaded(entry_id)
        if known := system.lock_out():
            with self._table.step(f"{name}: log in again"):
                await self._client.reload(entry_id)
                await self._visitor.go(f"/config/integrations/integration/{DOMAIN}")
                button = self._visitor.page.get_by_role(
                    "button", name="Reconfigure", exact=True
                )
                await button.first.click()
                wrong = [slip for slip in system.slips() if slip.step in known]
                await self._follow("log-in", system, known, wrong[:1])
        await self._sheet(name)

    async def _follow(
        self,
        flow: str,
        system: SimulatedSystem,
        answers: Answers,
        slips: Sequence[Slip] = (),
        kind: str = "config",
    ) -> None:
        async def look(step: str) -> None:
            await self._take(system.name, flow, step)

        await FlowDialog(self._visitor, kind, look).follow(answers, slips)

    async def _take(self, system: str, flow: str, step: str) -> None:
        """Take what is shown as it is on a desktop, and on a phone."""
        number = len(self._taken) + 1
        name = f"{system}/{number:02}-{flow}-{step}"
        await self._visitor.dialog_picture(name)
        await self._visitor.phone_picture(f"{name}-phone")
        desktop, phone = self._visitor.pictures[-2:]
        self._taken.append((f"{flow}: {step}", desktop, phone))

    async def _sheet(self, system: str) -> None:
        """Put all pictures of a system on one sheet."""
        figures = "".join(
            f"<figure><figcaption>{html.escape(name)}</figcaption>"
            f'<img src="{desktop.name}" width="400"><img src="{phone.name}" width="195">'
            "</figure>"
            for name, desktop, phone in self._taken
        )
        page = self._folder / system / "sheet.html"
        page.write_text(
            "<meta charset=utf-8><style>body{margin:12px;background:#ddd;font:13px"
            " sans-serif;display:flex;flex-wrap:wrap;gap:12px}figure{margin:0}"
            "figcaption{margin:4px 0}img{vertical-align:top;margin-right:6px}</style>"
            + figures
        )
        context = self._visitor.page.context
        browser = context.browser
        assert browser is not None
        sheet = await browser.new_page(viewport={"width": 1860, "height": 800})
        await sheet.goto(page.as_uri())
        await sheet.screenshot(
            path=self._folder / f"dialogs-{system}.png", full_page=True
        )
        await sheet.close()


def _slip(answers: Answers, fields: Sequence[str], error: str) -> list[Slip]:
    """Return the first answer with a wrong value in one of some fields."""
    for step, entered in answers.items():
        for field in fields:
            if field in entered:
                wrong: dict[str, Json] = {**entered, field: NOBODY}
                return [Slip(step, wrong, error)]
    return []


def _silent(system: SimulatedSystem, port: int) -> list[Slip]:
    if system.name != "dsmr":
        return []
    return [Slip("dsmr", {"port": f"socket://127.0.0.1:{port}"}, "no_data_network")]


@asynccontextmanager
async def silent_line() -> AsyncIterator[int]:
    """Listen on a port, and never say a word there."""
    held: list[asyncio.StreamWriter] = []

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for writer in held:
            writer.close()
