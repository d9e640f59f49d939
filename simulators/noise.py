"""Noise that depends only on its keys: the same seed and moment give the same value."""

from functools import lru_cache

_MASK = (1 << 64) - 1


def unit(seed: int, stream: int, index: int) -> float:
    """Return a value in [0, 1) for a place in one of many independent streams.

    The mixing steps are those of SplitMix64 (Steele, Lea, Flood 2014).
    """
    x = (
        seed * 0x9E3779B97F4A7C15
        + stream * 0xD1342543DE82EF95
        + index * 0xBF58476D1CE4E5B9
    ) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return (x ^ (x >> 31)) / 0x10000000000000000


def smooth(seed: int, stream: int, position: float) -> float:
    """Return a value in [0, 1) that changes gently as ``position`` moves by much less than 1."""
    knot = int(position // 1)
    part = position - knot
    part = part * part * (3 - 2 * part)
    before = _knot(seed, stream, knot)
    return before + (_knot(seed, stream, knot + 1) - before) * part


# Cached, because a knot is needed many times while the position passes it.
_knot = lru_cache(maxsize=1024)(unit)
