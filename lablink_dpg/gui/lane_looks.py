"""How a lane of the wall tells its stream's state: to be seen from three metres, where no name can be read.

Each meaning has its own place, because a colour alone says nothing to many people: state in a strip at the left,
losses in one at the right, an open alarm as the lane's ground, no samples now as a line without colour.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from lablink_dpg.gui import palette, states, words
from lablink_dpg.gui.alarm_rows import LOOKS
from lablink_dpg.gui.palette import Tone
from lablink_dpg.model.alarm import Severity
from lablink_dpg.model.link import StreamState
from lablink_dpg.query.frame import LaneTrace, StreamLine

DIM = palette.LINES * palette.TINTS  # the look after all line colours: what is drawn is not of now
MAX_CHANNELS = 8  # lines of a lane: as many as there are colours to tell apart
SHARED_LANES = 128  # a wall of more shows of each stream the first channel only: its lanes are too low for several


class LaneLook(NamedTuple):
    state: Tone | None = None  # of the strip at the left; None: all is well, and nothing is there
    is_dim: bool = False
    is_lossy: bool = False
    severity: Severity | None = None
    is_selected: bool = False


def look_of(line: StreamLine, severity: Severity | None, *, is_selected: bool) -> LaneLook:
    is_fresh = states.is_fresh(line)
    is_well = is_fresh and line.state is StreamState.STREAMING
    tone = None if is_well else states.stream_chip(line).tone
    return LaneLook(tone, not is_fresh, line.lost > 0, severity, is_selected)


def channels_of(line: StreamLine, lanes: int) -> tuple[str, ...]:
    """Those that its lane shows, on a wall of so many."""
    return line.channels[: MAX_CHANNELS if lanes <= SHARED_LANES else 1]


def colours(index: int, channels: int, *, is_dim: bool) -> tuple[int, ...]:
    """Of the lines of stream number ``index``, as its card has them."""
    if is_dim:
        return (DIM,) * channels
    return tuple((index + channel) % palette.LINES for channel in range(channels))


def name(line: StreamLine, severity: Severity | None) -> tuple[str, Tone]:
    """The first line beside a lane: what is wrong stands before the name, as a symbol."""
    chip = states.stream_chip(line)
    if not (states.is_fresh(line) and line.state is StreamState.STREAMING):
        return f"{chip.symbol} {line.name}", chip.tone
    if severity is not None:
        return f"{LOOKS[severity].symbol} {line.name}", LOOKS[severity].tone
    return line.name, Tone.PLAIN


def details(line: StreamLine) -> tuple[str, Tone]:
    """The second line: losses before anything else, the age of what no longer comes, else state and rate."""
    if line.lost:
        return words.lost(line.lost), Tone.BAD
    chip = states.stream_chip(line)
    if line.is_old:
        age, tone = states.lateness(line)
        return f"{chip.word} {age}", tone
    return f"{chip.word} · {words.rate(line.rate_hz)}", Tone.MUTED


def extent(trace: LaneTrace | None) -> str:
    """Lowest and highest value in view; "" without any."""
    if trace is None or not all(math.isfinite(each) for each in trace.extremes):
        return ""
    low, high = (f"{each:.4g}".replace("-", words.MINUS) for each in trace.extremes)
    return f"{low} … {high}"


def tip(line: StreamLine, trace: LaneTrace | None, severity: Severity | None) -> str:
    """Everything about the stream of a lane, but its name, for the words beside the mouse."""
    said = states.stream_tip(line).split("\n")[1:-1]
    seen = extent(trace)
    return "\n".join(
        (
            *((f"{LOOKS[severity].symbol} {LOOKS[severity].word} alarm open",) if severity is not None else ()),
            *((f"in view {seen}",) if seen else ()),
            *said,
            "click to select it, double click or Enter to see it large",
        )
    )
