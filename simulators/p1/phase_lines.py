"""Lines of a telegram for each phase."""

from collections.abc import Callable

from .lines import Line, number, signed_watts


def per_phase(*kinds: Callable[[int], Line]) -> tuple[Line, ...]:
    """Print L1 to L3 in turn; several kinds alternate within each phase."""
    return tuple(kind(phase) for phase in (1, 2, 3) for kind in kinds)


def drawn(whole: int = 2) -> Callable[[int], Line]:
    """Print the imported power of a phase."""
    return lambda n: Line(
        f"1-0:{1 + 20 * n}.7.0",
        number(lambda r: max(r.watts[n - 1], 0), whole, 3, "kW"),
        n,
    )


def fed(whole: int = 2) -> Callable[[int], Line]:
    """Print the exported power of a phase."""
    return lambda n: Line(
        f"1-0:{2 + 20 * n}.7.0",
        number(lambda r: max(-r.watts[n - 1], 0), whole, 3, "kW"),
        n,
    )


def reactive(direction: int, whole: int) -> Callable[[int], Line]:
    """Print the reactive power of a phase: import (+1) or export (-1)."""
    code = 3 if direction > 0 else 4
    return lambda n: Line(
        f"1-0:{code + 20 * n}.7.0",
        number(lambda r: max(direction * r.vars[n - 1], 0), whole, 3, "kvar"),
        n,
    )


def net(n: int) -> Line:
    """Print the signed power of a phase in W (Easymeter)."""
    return Line(
        f"1-0:{1 + 20 * n}.7.0*255", lambda r: f"({signed_watts(r.watts[n - 1])}*W)", n
    )


def voltage(n: int) -> Line:
    """Print the voltage of a phase."""
    return Line(
        f"1-0:{12 + 20 * n}.7.0", number(lambda r: r.decivolts[n - 1], 3, 1, "V"), n
    )


def current(decimals: int = 0) -> Callable[[int], Line]:
    """Print the current of a phase, truncated after the last digit."""
    cut = 10 ** (3 - decimals)
    return lambda n: Line(
        f"1-0:{11 + 20 * n}.7.0",
        number(lambda r: r.milliamps[n - 1] // cut, 3, decimals, "A"),
        n,
    )


def factors(*, signed: bool) -> tuple[Line, ...]:
    """Print the power factor, total and of each phase."""

    def factor(n: int) -> Line:
        return Line(
            f"1-0:{13 + 20 * n}.7.0",
            number(lambda r: r.factors[n] if signed else abs(r.factors[n]), 1, 3, ""),
            n,
        )

    return tuple(map(factor, range(4)))


def sags(n: int) -> Line:
    """Print the number of voltage sags of a phase."""
    return Line(f"1-0:{12 + 20 * n}.32.0", lambda r: f"({r.sags[n - 1]:05d})", n)


def swells(n: int) -> Line:
    """Print the number of voltage swells of a phase."""
    return Line(f"1-0:{12 + 20 * n}.36.0", lambda r: f"({r.swells[n - 1]:05d})", n)
