"""Texts that Home Assistant cuts off on a phone are short enough."""

import re

import pytest

from .test_translations import LANGUAGES, load, steps

# Characters of Roboto that fit beside the arrow of a menu's entry, and between the buttons
# beside a dialog's title, on a screen that is 360 pixels wide.
MENU_WIDTH = 32
TITLE_WIDTH = 24


@pytest.mark.parametrize("language", LANGUAGES)
def test_menus_fit_a_phone(language: str) -> None:
    """Home Assistant cuts the first line of a menu's entry off, and only wraps the second."""
    entries = [
        entry
        for step in steps(load(language))
        for entry in step.get("menu_options", {}).values()
    ]
    assert len(entries) > 15
    assert [entry for entry in entries if len(entry) > MENU_WIDTH] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_of_dialogs_fit_a_phone(language: str) -> None:
    """Titles are cut off as well; the length of a name in one of them is unknown."""
    titles = {
        re.sub(r"\{\w+\}", "", step["title"])
        for step in steps(load(language))
        if "title" in step
    }
    assert len(titles) > 25
    assert [title for title in titles if len(title) > TITLE_WIDTH] == []
