"""Config flows of each system with an HTTP server."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping, Set as AbstractSet
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any, ClassVar, cast, override

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from custom_components.junction.backends.openmotics.client import legacy_cloud as legacy
from custom_components.junction.backends.openmotics.client.cloud import (
    api as cloud,
    session as cloud_session,
)
from custom_components.junction.const import DOMAIN
from simulators.cozify import seed
from simulators.cozify.cloud import PREFIX
from simulators.http_server import FaultyServer
from simulators.openmotics.plan import ADMIN

from ..dsmr_reader.helpers import KEY
from ..matrix.cozify import CozifyHub
from ..matrix.dsmr_reader import DsmrReader
from ..matrix.house import House
from ..matrix.iotile import IOTile
from ..matrix.mycodo import Mycodo
from ..matrix.openmotics import OpenMoticsCloud, OpenMoticsLegacyCloud, OpenMoticsLocal
from ..openmotics.conftest import UUID

type Result = Mapping[str, Any]
GIBBERISH: AbstractSet[str] = frozenset(
    {
        "not_http",
        "html_answer",
        "empty_answer",
        "invalid_json",
        "unexpected_json",
        "answer_too_large",
    }
)
REFUSED: Mapping[str, str] = {
    "auth_failed": "dsmr_reader_proxy",
    "permission_denied": "dsmr_reader_key",
    "rejected": "dsmr_reader_data",
}
NOTHING: Mapping[str, Any] = MappingProxyType({})


class Dialog[HouseT: House](ABC):
    """The dialog that adds a system, and the system.

    `way` are the choices in menus, `asks` is the step with the address, `deeper` is the later
    request that fails ("" for none). `says` and `says_deeper`: the errors with texts of the
    backend's own. `kept` is entered in `asks` and must not be lost.
    """

    name: ClassVar[str]
    kind: ClassVar[type[House]]
    way: ClassVar[tuple[str, ...]]
    asks: ClassVar[str]
    deeper: ClassVar[str]
    kept: ClassVar[str] = "url"
    says: ClassVar[Mapping[str, str]] = NOTHING
    says_deeper: ClassVar[Mapping[str, str]] = NOTHING
    absent: ClassVar[AbstractSet[str]] = frozenset()
    """Errors in whose place something else happens at first, as said there."""
    fixed: ClassVar[bool] = False
    """Whether the address is not asked for, but known."""

    def __init__(self, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hass = hass
        self.monkeypatch = monkeypatch
        self.house = cast("HouseT", self.kind(hass, monkeypatch))

    @property
    def server(self) -> FaultyServer:
        """The server of the first request."""
        return self.house.server

    @abstractmethod
    def typed(self, url: str) -> dict[str, Any]:
        """Return the user's input for `asks` when the server is available."""

    def later(self, step: str) -> dict[str, Any]:
        """Return the user's input for a later step."""
        return {"certificate": {"trust": "pin"}}[step]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Run the system."""
        self.house._take_the_clock()
        async with self.house.simulated():
            yield

    # The dialog.

    @property
    def manager(self) -> Any:
        """The flow manager."""
        return self.hass.config_entries.flow

    async def begin(self) -> Result:
        """Open the dialog, up to the step with the address."""
        context = {"source": SOURCE_USER}
        result: Result = await self.manager.async_init(DOMAIN, context=context)
        for choice in self.way:
            result = await self.answer(result, {"next_step_id": choice})
        assert result["step_id"] == self.asks
        return result

    async def answer(self, result: Result, fields: dict[str, Any]) -> Result:
        """Fill in a form."""
        found: Result = await self.manager.async_configure(result["flow_id"], fields)
        return found

    async def submit(self, result: Result, url: str) -> Result:
        """Fill in the open form and all that follow, up to an error or the end."""
        while True:
            step = result["step_id"]
            fields = self.typed(url) if step == self.asks else self.later(step)
            result = await self.answer(result, fields)
            if result["type"] is not FlowResultType.FORM or result["errors"]:
                return result


class MycodoDialog(Dialog[Mycodo]):
    """A Mycodo."""

    name: ClassVar = "mycodo"
    kind: ClassVar = Mycodo
    way: ClassVar = ("mycodo",)
    asks: ClassVar = "mycodo"
    deeper: ClassVar = "/api/settings/users"
    says: ClassVar = {
        **dict.fromkeys(
            GIBBERISH - {"not_http", "answer_too_large"}, "mycodo_not_mycodo"
        ),
        "not_found": "mycodo_not_mycodo",
        "permission_denied": "mycodo_useless_key",
        "auth_failed": "mycodo_key_refused",
    }
    says_deeper: ClassVar = {
        "permission_denied": "mycodo_useless_key",
        "auth_failed": "mycodo_key_refused",
    }

    @override
    def typed(self, url: str) -> dict[str, Any]:
        return {"url": url, "api_key": self.house.entry.data["api_key"]}


class OpenMoticsLocalDialog(Dialog[OpenMoticsLocal]):
    """A gateway."""

    name: ClassVar = "openmotics_local"
    kind: ClassVar = OpenMoticsLocal
    way: ClassVar = ("openmotics", "openmotics_local")
    asks: ClassVar = "openmotics_local"
    deeper: ClassVar = "/get_version"
    says: ClassVar = {
        **dict.fromkeys(GIBBERISH, "openmotics_not_openmotics"),
        "permission_denied": "openmotics_not_openmotics",
        "not_found": "openmotics_not_openmotics",
        "rejected": "openmotics_not_openmotics",
    }
    says_deeper: ClassVar = dict.fromkeys(GIBBERISH, "openmotics_not_openmotics")

    @override
    def typed(self, url: str) -> dict[str, Any]:
        return {"url": url, "username": ADMIN.name, "password": ADMIN.password}


class OpenMoticsCloudDialog(Dialog[OpenMoticsCloud]):
    """The current cloud, which has one address."""

    name: ClassVar = "openmotics_cloud"
    kind: ClassVar = OpenMoticsCloud
    way: ClassVar = ("openmotics", "openmotics_cloud")
    asks: ClassVar = "openmotics_cloud"
    deeper: ClassVar = "*/base/installations"
    # OAuth2 refuses credentials with this response.
    says: ClassVar = {"rejected": "auth_failed"}
    fixed: ClassVar = True
    kept: ClassVar = "client_id"

    @override
    def typed(self, url: str) -> dict[str, Any]:
        path = URL(self.house.cloud.base).path
        self.monkeypatch.setattr(cloud, "BASE", URL(url).with_path(path))
        self.monkeypatch.setattr(cloud_session, "NEW_LOGIN", URL(f"{url}/new/token"))
        return {"client_id": UUID, "client_secret": "new-s3cret"}

    @override
    def later(self, step: str) -> dict[str, Any]:
        return {"openmotics_installation": {"installation": "21"}}[step]


class OpenMoticsLegacyCloudDialog(Dialog[OpenMoticsLegacyCloud]):
    """The first cloud, which has one address."""

    name: ClassVar = "openmotics_legacy_cloud"
    kind: ClassVar = OpenMoticsLegacyCloud
    way: ClassVar = ("openmotics", "openmotics_legacy_cloud")
    asks: ClassVar = "openmotics_legacy_cloud"
    deeper: ClassVar = "*/get_installations"
    says: ClassVar = {
        **dict.fromkeys(GIBBERISH, "openmotics_legacy_gone"),
        "redirected": "openmotics_legacy_gone",
        "permission_denied": "openmotics_legacy_gone",
        "not_found": "openmotics_legacy_gone",
        "rejected": "openmotics_legacy_gone",
    }
    fixed: ClassVar = True
    kept: ClassVar = "username"

    @override
    def typed(self, url: str) -> dict[str, Any]:
        path = URL(self.house.first.base).path
        self.monkeypatch.setattr(legacy, "BASE", URL(url).with_path(path))
        return {"username": "me@example.org", "password": self.house.first.password}

    @override
    def later(self, step: str) -> dict[str, Any]:
        return {"openmotics_installation": {"installation": "5"}}[step]


class CozifyDialog(Dialog[CozifyHub]):
    """The cloud of Cozify, which may have another address."""

    name: ClassVar = "cozify_cloud"
    kind: ClassVar = CozifyHub
    way: ClassVar = ("cozify",)
    asks: ClassVar = "cozify"
    deeper: ClassVar = "*/user/hubkeys"
    # The response does not tell whether a code was sent; it is usually empty.
    absent: ClassVar = frozenset({"empty_answer", "invalid_json", "unexpected_json"})
    says_deeper: ClassVar = {
        "empty_answer": "cozify_no_hubs",
        "auth_failed": "cozify_login_needed",
    }
    kept: ClassVar = "email"

    @property
    @override
    def server(self) -> FaultyServer:
        return self.house.world.cloud_server

    @override
    def typed(self, url: str) -> dict[str, Any]:
        at = url if " " in url else str(URL(url).with_path(PREFIX))
        return {"email": seed.OWNER, "advanced": {"cloud": at}}

    @override
    def later(self, step: str) -> dict[str, Any]:
        return {"cozify_code": {"code": self.house.world.cloud.code_of(seed.OWNER)}}[
            step
        ]


class DsmrReaderDialog(Dialog[DsmrReader]):
    """A DSMR-reader to read from."""

    name: ClassVar = "dsmr_reader"
    kind: ClassVar = DsmrReader
    way: ClassVar = ("dsmr_reader",)
    asks: ClassVar = "dsmr_reader"
    deeper: ClassVar = "*/dsmrreading*"
    says: ClassVar = {
        **REFUSED,
        "unexpected_json": "dsmr_reader_other_product",
        "not_found": "dsmr_reader_other_product",
    }
    says_deeper: ClassVar = REFUSED

    @override
    def typed(self, url: str) -> dict[str, Any]:
        return {"url": url, "api_key": KEY, "proxy": {}, "history": False}


class TargetDialog(Dialog[DsmrReader]):
    """A DSMR-reader that receives a meter's telegrams."""

    name: ClassVar = "dsmr_reader_target"
    kind: ClassVar = DsmrReader
    way: ClassVar = ()
    asks: ClassVar = "user"
    deeper: ClassVar = ""
    says: ClassVar = DsmrReaderDialog.says

    @property
    @override
    def manager(self) -> Any:
        return self.hass.config_entries.subentries

    @override
    async def begin(self) -> Result:
        meter = MockConfigEntry(
            domain=DOMAIN, unique_id="dsmr:1", data={"backend": "dsmr"}
        )
        meter.add_to_hass(self.hass)
        result: Result = await self.manager.async_init(
            (meter.entry_id, "dsmr_reader_target"), context={"source": SOURCE_USER}
        )
        assert result["step_id"] == self.asks
        return result

    @override
    def typed(self, url: str) -> dict[str, Any]:
        return {
            "url": url,
            "api_key": KEY,
            "proxy": {},
            "mode": "auto",
            "interval": 0,
            "queue": {"size": 500, "days": 7},
        }


class IOTileDialog(Dialog[IOTile]):
    """An account of an IOTile Cloud."""

    name: ClassVar = "iotile"
    kind: ClassVar = IOTile
    way: ClassVar = ("iotile",)
    asks: ClassVar = "iotile"
    deeper: ClassVar = "*/auth/login/"
    says: ClassVar = {
        **dict.fromkeys(GIBBERISH, "iotile_not_iotile"),
        "permission_denied": "iotile_role",
        "not_found": "iotile_not_iotile",
    }
    says_deeper: ClassVar = {"permission_denied": "iotile_role"}

    @override
    def typed(self, url: str) -> dict[str, Any]:
        owner = self.house.cloud.world.users[0]
        return {"url": url, "email": owner.email, "password": owner.password}

    @override
    def later(self, step: str) -> dict[str, Any]:
        if step == "iotile_projects":
            return {"projects": [], "history": False}
        return super().later(step)


DIALOGS: tuple[type[Dialog[Any]], ...] = (
    MycodoDialog,
    OpenMoticsLocalDialog,
    OpenMoticsCloudDialog,
    OpenMoticsLegacyCloudDialog,
    CozifyDialog,
    DsmrReaderDialog,
    TargetDialog,
    IOTileDialog,
)
