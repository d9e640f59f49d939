"""Table of the check: it reports failures, and continues or stops."""

import pytest

from demo.table import CheckStopped, StepFailed, Table


def test_all_well(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table()
    with table.step("one") as step:
        step.say("done\nand more")
    assert table.close()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("ok ")
    assert lines[0].endswith("done")
    assert lines[1].strip() == "and more"
    assert lines[2].startswith("demo: all 1 steps ok in ")


def test_a_failed_step_does_not_hide_the_next(
    capsys: pytest.CaptureFixture[str],
) -> None:
    table = Table()
    with table.step("one"):
        raise StepFailed("it is wrong")
    with table.step("two"):
        raise KeyError("gone")
    assert not table.close()
    out = capsys.readouterr().out
    assert "it is wrong" in out
    # An unexpected exception has its place in the code.
    assert "KeyError: 'gone'" in out
    assert "test_table.py" in out
    assert "FAILED after 0 s: 2 of 2 steps" in out


def test_a_vital_step_ends_the_check() -> None:
    table = Table()
    with pytest.raises(CheckStopped), table.step("one", vital=True):
        raise TimeoutError("too late")
    assert [step.result for step in table.failed] == ["TimeoutError: too late"]
