"""Settings of a meter at its start."""

from dataclasses import dataclass, field

from .dialect import Encrypted, Slot
from .metering import Start
from .telegram import CrcMode

DEFAULT_START = 1_741_801_507
"""2025-03-12 17:45:07 UTC."""


@dataclass(frozen=True, slots=True)
class MeterPlan:
    """Settings of a meter at its start. None uses the default of the dialect."""

    dialect: str = "5"
    seed: int = 1
    interval: int | None = None
    """Seconds between telegrams."""
    header: str | None = None
    ident: str | None = None
    phases: int | None = None
    netting: bool = True
    """Add up the phases before telling import from export, as in the Netherlands and Belgium."""
    standard_hours: int | None = None
    summer: bool | None = None
    """Whether the meter's clock follows summer time."""
    unset_telegrams: int = 0
    """How many telegrams pass before the meter knows the time."""
    crc: CrcMode | None = None
    even_parity: bool = False
    """Send as a 7E1 line looks to an 8N1 reader."""
    rfxtrx: bool = False
    """Send inside the packets of an RFXCOM receiver."""
    slots: tuple[Slot, ...] | None = None
    """M-Bus devices on channels 1 and up."""
    omit: frozenset[str] = frozenset()
    """OBIS references of lines not to print."""
    clear_messages: bool = False
    encrypted: Encrypted | None = None
    registers: Start = field(default_factory=Start)
    log_size: int = 1000
    """How many telegrams the log keeps."""
