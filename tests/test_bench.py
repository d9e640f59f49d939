"""The benchmarks print each result, even if other parts fail."""

from collections.abc import Iterator

import pytest

from bench.__main__ import run
from bench.measure import ChildFailedError, Row, child


def broken() -> Iterator[Row]:
    yield Row("first", 1, 2, "peer")
    raise ValueError("the peer is not there")


def good() -> Iterator[Row]:
    yield Row("second", 1, 3, "peer")


def in_a_child() -> Iterator[Row]:
    yield Row(**child("bench.no_such_part"))


def test_a_part_that_fails_costs_only_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run({"broken": broken, "child": in_a_child, "good": good}) == 2
    shown = capsys.readouterr()
    assert "| first | 1.00 µs | peer | 2.00 µs | 2.0 |" in shown.out
    assert "| second | 1.00 µs | peer | 3.00 µs | 3.0 |" in shown.out
    assert "the peer is not there" in shown.err
    assert "No module named bench.no_such_part" in shown.err
    assert shown.err.rstrip().endswith("failed: broken, child")


def test_all_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert run({"good": good}) == 0
    assert "FAILED" not in capsys.readouterr().err


def test_a_child_that_takes_too_long_is_ended() -> None:
    with pytest.raises(ChildFailedError, match=r"more than 0\.1 s"):
        child("timeit", "-n1", "-r1", "import time; time.sleep(60)", timeout=0.1)
