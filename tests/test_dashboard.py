"""The dashboard: its modules are served, its question is answered, its texts are whole."""

import json
from pathlib import Path
import re
from typing import Any

from homeassistant.auth.permissions.const import CAT_ENTITIES, POLICY_READ
from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.junction.frontend import MODULES

from .fake_backend import House

TEXTS = MODULES / "texts"
LANGUAGES = sorted(
    path.stem for path in (MODULES.parents[1] / "translations").glob("*.json")
)
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def texts(language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((TEXTS / f"{language}.json").read_text())
    return found


async def ask(client: Any) -> list[dict[str, Any]]:
    await client.send_json_auto_id({"type": "junction/dashboard"})
    answer = await client.receive_json()
    assert answer["success"], answer
    found: list[dict[str, Any]] = answer["result"]["installations"]
    return found


@pytest.mark.usefixtures("socket_enabled")
async def test_modules_are_served(
    hass: HomeAssistant, hass_client: ClientSessionGenerator
) -> None:
    """With the version in the address, so that browsers may keep them."""
    assert await async_setup_component(hass, "frontend", {})
    assert await async_setup_component(hass, "junction", {})
    [url] = [
        url for url in hass.data[DATA_EXTRA_MODULE_URL].urls if "/junction_" in url
    ]
    version = json.loads((MODULES.parents[1] / "manifest.json").read_text())["version"]
    assert re.fullmatch(
        rf"/junction_frontend/{re.escape(version)}-[0-9a-f]{{8}}/junction\.js", url
    )
    client = await hass_client()
    for path in MODULES.rglob("*.js*"):
        answer = await client.get(
            f"{url.rpartition('/')[0]}/{path.relative_to(MODULES)}"
        )
        assert answer.status == 200
        assert await answer.text() == path.read_text()
        assert "max-age" in answer.headers["Cache-Control"]
        kind = "javascript" if path.suffix == ".js" else "json"
        assert kind in answer.headers["Content-Type"]


async def test_without_a_frontend(hass: HomeAssistant) -> None:
    """Everything but the dashboard works."""
    assert await async_setup_component(hass, "junction", {})
    assert "frontend" not in hass.config.components


@pytest.mark.usefixtures("socket_enabled")
async def test_points_by_entity(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    registry = er.async_get(hass)
    known = er.async_entries_for_config_entry(registry, loaded.entry_id)
    enabled = [entity for entity in known if not entity.disabled_by]
    hidden = enabled[0]
    registry.async_update_entity(hidden.entity_id, hidden_by=er.RegistryEntryHider.USER)
    [told] = await ask(await hass_ws_client(hass))
    points = told.pop("points")
    assert told == {
        "entry_id": loaded.entry_id,
        "title": loaded.title,
        "backend": loaded.data["backend"],
        "statistics": told["statistics"],
    }
    assert re.fullmatch(r"junction:[a-z0-9_]*[a-z0-9]", told["statistics"])
    assert points == {
        entity.entity_id: entity.unique_id.rpartition("/")[2] for entity in enabled[1:]
    }
    assert len(points) > 5


@pytest.mark.usefixtures("loaded", "socket_enabled")
async def test_nobody_is_told_of_what_he_may_not_see(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    hass_admin_user: MockUser,
    house: House,
) -> None:
    client = await hass_ws_client(hass)
    [told] = await ask(client)
    [seen, *_] = told["points"]
    hass_admin_user.groups = []
    hass_admin_user.mock_policy(
        {CAT_ENTITIES: {"entity_ids": {seen: {POLICY_READ: True}}}}
    )
    [told] = await ask(client)
    assert list(told["points"]) == [seen]


def used_keys() -> set[str]:
    """Return the keys of texts that the modules name; "*" where a part is computed."""
    found = set()
    for path in MODULES.rglob("*.js"):
        source = path.read_text()
        # In full, as in text("energy.now") or title("energy.now"), or ending in a value.
        for literal in re.findall(r"[\"`]([a-z]+\.[a-z_${}.]+)[\"`]", source):
            prefix, _, rest = literal.partition(".")
            if prefix in {key.partition(".")[0] for key in texts("en")}:
                found.add(f"{prefix}.{re.sub(r'\$\{[^}]*\}', '*', rest)}")
    return found


def test_every_text_is_there_and_used() -> None:
    patterns = {
        key: re.compile(re.escape(key).replace(r"\*", r"\w+")) for key in used_keys()
    }
    for key, pattern in patterns.items():
        assert any(map(pattern.fullmatch, texts("en"))), f"{key} is missing"
    unused = [
        key
        for key in texts("en")
        if not any(pattern.fullmatch(key) for pattern in patterns.values())
    ]
    assert unused == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_in_every_language(language: str) -> None:
    english, own = texts("en"), texts(language)
    assert own.keys() == english.keys()
    for key, text in own.items():
        assert text.strip() == text
        assert text
        assert PLACEHOLDER.findall(text) == PLACEHOLDER.findall(english[key])
        assert re.findall(r"\(/\S+\)", text) == re.findall(r"\(/\S+\)", english[key])
    if language != "en":
        # Some words are the same in both; a file that was only copied has them all.
        same = [key for key in own if own[key] == english[key]]
        assert len(same) < len(own) / 6, same


def test_languages_are_those_of_the_integration() -> None:
    assert {"en", "nl", "fr", "de", "fi", "sv"} <= set(LANGUAGES)
    assert {path.stem for path in TEXTS.glob("*.json")} == {*LANGUAGES, "dialog"}
    dialog = json.loads((TEXTS / "dialog.json").read_text())
    assert dialog.keys() == set(LANGUAGES)
    assert len({words["description"] for words in dialog.values()}) == len(LANGUAGES)
    listed = re.search(r"LANGUAGES = (\[.*\])", (MODULES / "texts.js").read_text())
    assert listed is not None
    assert set(json.loads(listed[1])) == set(LANGUAGES)


def test_modules_are_on_their_own() -> None:
    """Nothing is loaded from elsewhere, and nothing of others is in them."""
    for path in MODULES.rglob("*.js"):
        source = path.read_text()
        assert path.is_relative_to(MODULES)
        for target in re.findall(r"(?:from|import\()\s*\"([^\"]+)\"", source):
            assert target.startswith("."), target
            assert (path.parent / target).resolve().is_relative_to(MODULES.resolve())
            assert Path(path.parent / target).exists(), target
        addresses = set(re.findall(r"https?://[\w./]+", source))
        assert addresses <= {"http://www.w3.org/2000/svg"}
