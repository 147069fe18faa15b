"""A LabLink server to talk to, in a process of its own: instruments and signals with known answers."""

from typing import Final

DEFAULT_BUFFER: Final = 10_000  # samples a channel, as the real server's
LOOPED_ABOVE: Final = 1e6  # channel samples a second: computing and writing that many takes a tenth of a core or more


def needs_loops(streams: int, channels: int, rate_hz: float) -> bool:
    """Whether so many samples a second are too many to be computed each."""
    return streams * channels * rate_hz > LOOPED_ABOVE
