"""A serial server with telnet com port control (RFC 2217), as far as clients can observe it."""

from typing import override

from .tcp_line import Client, TcpTransport

IAC, SE, SB, WILL, WONT, DO, DONT = 255, 240, 250, 251, 252, 253, 254
BINARY, SUPPRESS_GO_AHEAD, COM_PORT = 0, 3, 44
_SET_BAUD, _SET_SIZE, _SET_PARITY, _SET_STOP, _SET_CONTROL = 1, 2, 3, 4, 5
_ANSWER = 100
_ACCEPTED = (BINARY, SUPPRESS_GO_AHEAD, COM_PORT)
_DEFAULTS = {_SET_SIZE: 8, _SET_PARITY: 1, _SET_STOP: 1, _SET_CONTROL: 1}


class _Rfc2217Client(Client):
    """One connection, with its own port settings."""

    def __init__(self, server: Rfc2217Transport) -> None:
        super().__init__(server)
        self.speed = 0
        """What the client asked for; 0 before it did."""
        self.settings = dict(_DEFAULTS)
        self._buffer = bytearray()
        self._agreed: set[tuple[int, int]] = set()

    @override
    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._buffer and self._take():
            pass

    @override
    def encode(self, data: bytes) -> bytes:
        # An unconfigured port sends nothing.
        if not self.speed:
            return b""
        seen = self.server.at_speed(data, self.speed)
        return seen.replace(b"\xff", b"\xff\xff")

    def _take(self) -> bool:
        """Handle the beginning of the buffer; False when it is incomplete."""
        buffer = self._buffer
        if buffer[0] != IAC:
            self.server.received.append(buffer.pop(0))
            return True
        if len(buffer) < 2:
            return False
        command = buffer[1]
        if command in (WILL, WONT, DO, DONT):
            if len(buffer) < 3:
                return False
            self._negotiate(command, buffer[2])
            del buffer[:3]
        elif command == SB:
            end = buffer.find(bytes((IAC, SE)))
            if end < 0:
                return False
            self._subnegotiate(bytes(buffer[2:end]).replace(b"\xff\xff", b"\xff"))
            del buffer[: end + 2]
        else:
            del buffer[:2]
        return True

    def _negotiate(self, command: int, option: int) -> None:
        # Confirm only changes: two ends that confirm each other's confirmations never stop (RFC
        # 854).
        if command not in (WILL, DO) or (command, option) in self._agreed:
            return
        known = option in _ACCEPTED
        if known:
            self._agreed.add((command, option))
        answer = (
            (DO if known else DONT) if command == WILL else (WILL if known else WONT)
        )
        self.write(bytes((IAC, answer, option)))

    def _subnegotiate(self, content: bytes) -> None:
        if len(content) < 2 or content[0] != COM_PORT:
            return
        command, value = content[1], content[2:]
        if command == _SET_BAUD:
            # Zero requests the current setting.
            self.speed = int.from_bytes(value) or self.speed or self.server.baud
            value = self.speed.to_bytes(4)
        elif command in _DEFAULTS and value:
            if value[0]:
                self.settings[command] = value[0]
            value = bytes((self.settings[command],))
        answer = bytes((COM_PORT, command + _ANSWER)) + value.replace(
            b"\xff", b"\xff\xff"
        )
        self.write(bytes((IAC, SB)) + answer + bytes((IAC, SE)))


class Rfc2217Transport(TcpTransport):
    """Telnet port whose client sets the speed; a speed other than the meter's yields garbage."""

    scheme = "rfc2217"

    @override
    def make_client(self) -> Client:
        return _Rfc2217Client(self)
