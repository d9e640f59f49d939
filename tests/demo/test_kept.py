"""Settings that the simulated systems keep between starts."""

from pathlib import Path
import socket

import pytest

from demo.backends import SYSTEMS
from demo.house import DemoHouse
from demo.kept import Kept, PortTakenError
from simulators.certificates import make_certificate


def test_all_is_as_before(socket_enabled: None, tmp_path: Path) -> None:
    """A second start finds the port, the certificate and the tokens of the first."""
    file = tmp_path / "kept" / "hub.json"
    first = Kept(file)
    port, certificate = first.port(0), first.certificate(make_certificate)
    first.set("tokens", [{"text": "t"}])

    second = Kept(file)

    assert second.port(0) == port > 0
    assert second.certificate(make_certificate) == certificate
    assert second.get("tokens") == [{"text": "t"}]
    assert second.get("nothing") is None


def test_a_port_that_another_program_took_is_named(
    socket_enabled: None, tmp_path: Path
) -> None:
    """Home Assistant would look for the system in vain, so the start fails with a message."""
    file = tmp_path / "hub.json"
    port = Kept(file).port(0)
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(PortTakenError, match=rf"port {port} .* --fresh"),
    ):
        Kept(file).port(0)


def test_at_first_a_usual_port_that_is_taken_is_not_used(
    socket_enabled: None, tmp_path: Path
) -> None:
    """The demo starts also where something else has the usual port."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        assert Kept(tmp_path / "hub.json").port(taken) not in (0, taken)


async def test_each_system_is_where_it_was(
    socket_enabled: None, tmp_path: Path
) -> None:
    """Each system has the same address in two starts."""
    answers = []
    for _ in range(2):
        async with DemoHouse(tmp_path, list(SYSTEMS.values()), kept=True) as house:
            answers.append([system.answers() for system in house.systems])

    assert answers[0] == answers[1]
