"""The page with all dialogs."""

from pathlib import Path

from PIL import Image

from demo.dialog import texts
from demo.dialog_page import (
    FLOWS,
    SECTIONS,
    Picture,
    forget_others,
    picture_name,
    shrink,
    write,
)


def picture(folder: Path, flow: str, step: str, error: str, caption: str) -> Picture:
    name = f"{flow}-{step}{error}"
    desktop, phone = folder / f"{name}.png", folder / f"{name}-phone.png"
    return Picture(flow, step, error, caption, desktop, phone)


def test_a_form_comes_before_its_mistakes(tmp_path: Path) -> None:
    page = tmp_path / "dialogs.md"
    taken = [
        picture(tmp_path, "options", "later", "", "Options"),
        picture(tmp_path, "set-up", "form", "wrong", 'Not "this" | that'),
        picture(tmp_path, "set-up", "form", "", "Address"),
        picture(tmp_path, "set-up", "end", "", "Two\nlines"),
    ]
    write(page, "mycodo", taken)
    rows = [line for line in page.read_text().splitlines() if "<img" in line]
    assert [row.split(" | ")[0] for row in rows] == [
        "| Address",
        '| Not "this" &#124; that',
        "| Two lines",
        "| Options",
    ]
    assert 'src="set-up-form.png" alt="Address"' in rows[0]
    assert 'alt="Not &quot;this&quot; &#124; that, on a phone"' in rows[1]


def test_without_a_picture_of_a_phone(tmp_path: Path) -> None:
    page = tmp_path / "dialogs.md"
    taken = [Picture("action", "a", "", "Turn on for", tmp_path / "a.png", None)]
    write(page, "actions", taken)
    text = page.read_text()
    assert text.count("<img") == 1
    assert "| | On a computer |\n|---|---|\n| Turn on for | <img" in text
    assert "phone |" not in text


def test_names_of_pictures() -> None:
    assert picture_name("dsmr", "set-up", "dsmr") == "dsmr-set-up-form"
    assert (
        picture_name("dsmr_reader", "log-in", "dsmr_reader_key", "dsmr_reader_key")
        == "dsmr-reader-log-in-key-dsmr-reader-key"
    )


def test_sections_of_other_systems_stay(tmp_path: Path) -> None:
    page = tmp_path / "dialogs.md"
    write(page, "iotile", [picture(tmp_path, "set-up", "a", "", "First")])
    write(page, "dsmr", [picture(tmp_path, "set-up", "b", "", "Meter")])
    write(page, "iotile", [picture(tmp_path, "set-up", "c", "", "Second")])
    text = page.read_text()
    assert "First" not in text
    assert text.index("## Smart meter") < text.index("Meter") < text.index("Second")
    assert text.count("# Every dialog in pictures") == 1


def test_pictures_that_are_no_longer_shown_are_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    shown = picture(folder, "set-up", "a", "", "First")
    assert shown.phone is not None
    for file in (shown.desktop, shown.phone, folder / "old.png"):
        file.touch()
    write(tmp_path / "dialogs.md", "iotile", [shown])
    forget_others(tmp_path / "dialogs.md", folder)
    assert {*folder.iterdir()} == {shown.desktop, shown.phone}


def test_every_flow_and_section_has_a_heading_of_its_own() -> None:
    for headings in (SECTIONS, FLOWS):
        assert len(set(headings.values())) == len(headings)


def test_texts_further_down() -> None:
    assert "choose" in texts("issues.certificate_changed.fix_flow")["step"]
    assert "user" in texts("config")["step"]


def test_a_picture_shrinks(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    Image.linear_gradient("L").convert("RGB").save(file)
    shrink(file)
    with Image.open(file) as image:
        assert image.mode == "P"
        assert image.size == (256, 256)
