"""The check of the log finds all relevant messages, and no others."""

import pytest

from demo.log import complaints, records

TIME = "2026-11-20 09:42:11.123+01:00 "
HARMLESS = f"""\
{TIME}WARNING (MainThread) [homeassistant.bootstrap] Skipping pip installation of required modules
{TIME}WARNING (SyncWorker_0) [homeassistant.loader] We found a custom integration junction which \
has not been tested by Home Assistant. This component might cause stability problems
{TIME}ERROR (ImportExecutor_0) [homeassistant.components.camera.img_util] Error loading libturbojpeg
Traceback (most recent call last):
RuntimeError: Unable to locate turbojpeg library automatically.
{TIME}INFO (MainThread) [homeassistant.core] Starting Home Assistant 2026.10.4
{TIME}INFO (MainThread) [custom_components.junction.coordinator] P1 is back
"""
TROUBLE = """\
WARNING (MainThread) [homeassistant.helpers.frame] Detected that custom integration 'junction' \
calls `x` from a thread other than the event loop
---
WARNING (MainThread) [homeassistant.util.loop] Detected blocking call to open inside the event \
loop by custom integration 'junction'
---
ERROR (MainThread) [custom_components.junction] Unexpected error
---
ERROR (MainThread) [homeassistant] Error doing job: Task exception was never retrieved
Traceback (most recent call last):
ValueError: turbulence
---
WARNING (MainThread) [homeassistant.components.sensor] Entity sensor.x is using native unit of \
measurement 'm3' which is not valid
---
WARNING (MainThread) [homeassistant.components.camera] FFmpeg of custom integration junction
---
INFO (MainThread) [homeassistant.helpers.frame] x is a deprecated function
"""


@pytest.mark.parametrize("message", TROUBLE.split("---\n"))
def test_trouble_is_found(message: str) -> None:
    found = complaints(records(f"{HARMLESS}{TIME}{message}{HARMLESS}"))
    assert [record.text for record in found] == [message.partition("] ")[2]]


def test_a_line_of_somebody_without_ffmpeg_is_no_complaint() -> None:
    assert not complaints(records(HARMLESS))
    assert len(list(records(HARMLESS))) == 5


def test_the_log_of_2026_10() -> None:
    older = HARMLESS.replace("+01:00", "")
    assert [str(r) for r in records(older)] == [str(r) for r in records(HARMLESS)]


@pytest.mark.parametrize("text", ["", "Starting\n"])
def test_a_log_without_a_message(text: str) -> None:
    assert not list(records(text))


def test_who_said_it() -> None:
    *_, last = records(HARMLESS)
    assert last.ours
    assert last.level == "INFO"
    assert str(last) == "INFO [custom_components.junction.coordinator] P1 is back"
