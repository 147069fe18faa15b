"""Numbers and states as short words for a person, of steady width so that nothing beside them jumps.

Symbols are chosen from those that the bundled font has; each state has its own symbol and its own word, because a
colour alone says nothing to many people.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from lablink_dpg.gui.palette import Tone
from lablink_dpg.model.link import LinkState, LinkStatus, StreamState
from lablink_dpg.query.frame import StreamLine

MINUS = "\u2212"
FIGURE_SPACE = "\u2007"  # as wide as a digit
ELLIPSIS = "…"
LATE_MS = 250.0  # older than this looks late beside a hand on an instrument
VERY_LATE_MS = 2000.0
SLOW_SHARE = 0.8  # of the frame rate asked for; below it scrolling visibly stutters


class Chip(NamedTuple):
    """A state as it is shown."""

    symbol: str
    word: str
    tone: Tone

    @property
    def text(self) -> str:
        return f"{self.symbol} {self.word}"


STREAM_CHIPS: dict[StreamState, Chip] = {
    StreamState.STARTING: Chip("○", "starting", Tone.INFO),
    StreamState.STREAMING: Chip("●", "live", Tone.GOOD),
    StreamState.POLLED: Chip("◆", "polled", Tone.INFO),
    StreamState.SILENT: Chip("▲", "silent", Tone.BAD),
    StreamState.PAUSED: Chip("‖", "paused", Tone.WARN),
    StreamState.STOPPED: Chip("■", "stopped", Tone.MUTED),
    StreamState.WAITING: Chip("◇", "offline", Tone.WARN),
}
UNKNOWN_STREAM = Chip("○", "unknown", Tone.MUTED)

LINK_CHIPS: dict[LinkState, Chip] = {
    LinkState.IDLE: Chip("○", "not started", Tone.MUTED),
    LinkState.CONNECTING: Chip("○", "connecting", Tone.INFO),
    LinkState.STREAMING: Chip("●", "connected", Tone.GOOD),
    LinkState.POLLING: Chip("◆", "polling", Tone.INFO),
    LinkState.WAITING: Chip("▲", "unreachable", Tone.BAD),
    LinkState.CLOSED: Chip("■", "closed", Tone.MUTED),
}
TRANSPORTS: dict[LinkState, str] = {LinkState.STREAMING: "WebSocket", LinkState.POLLING: "REST polling"}

_PREFIXES = ("", "k", "M", "G", "T")


def si(value: float, unit: str = "") -> str:
    """Three significant digits and an SI prefix: ``1.00 kS/s``. Whole numbers below 1000 stay whole."""
    if not math.isfinite(value):
        return f"– {unit}".rstrip()
    sign, size = (MINUS, -value) if value < 0 else ("", value)
    prefix = 0
    while size >= 999.5 and prefix < len(_PREFIXES) - 1:
        size /= 1000.0
        prefix += 1
    if prefix == 0 and size == int(size):
        digits = str(int(size))
    else:
        digits = f"{size:.{2 if size < 9.995 else 1 if size < 99.95 else 0}f}"
    return f"{sign}{digits} {_PREFIXES[prefix]}{unit}".rstrip()


def rate(rate_hz: float) -> str:
    """Samples a second; a stream that stands still shows a dash instead of a zero that looks like a value."""
    return si(rate_hz, "S/s") if rate_hz > 0 else "– S/s"


def count(value: int) -> str:
    """A number of things, short: 950, 12.3 k. Grouping marks would need more room than the cell has."""
    return si(float(value))


def latency(latency_ms: float | None) -> str:
    if latency_ms is None:
        return "– ms"
    if latency_ms < 999.5:
        return f"{latency_ms:.0f} ms".replace("-", MINUS)
    return duration(latency_ms / 1000.0)


def latency_tone(latency_ms: float | None) -> Tone:
    if latency_ms is None or latency_ms < LATE_MS:
        return Tone.MUTED
    return Tone.WARN if latency_ms < VERY_LATE_MS else Tone.BAD


def duration(seconds: float) -> str:
    """12.3 s, 4 min 05 s, 3 h 20 min: the two units that matter."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def span(span_us: int) -> str:
    """A window's length as the selector names it: 500 µs, 20 ms, 1 s, 10 min."""
    for size_us, unit in ((3_600_000_000, "h"), (60_000_000, "min"), (1_000_000, "s"), (1000, "ms")):
        if span_us >= size_us:
            return f"{span_us / size_us:.3g} {unit}"
    return f"{span_us} µs"


def pace(fps: float, wanted_fps: float, is_idle: bool) -> tuple[str, Tone]:
    """Frames a second; few are no trouble while there is nothing to draw."""
    if is_idle:
        return "idle", Tone.MUTED
    is_slow = fps < SLOW_SHARE * wanted_fps
    return f"{'▼ ' if is_slow else ''}{fps:.0f} fps", Tone.WARN if is_slow else Tone.PLAIN


def lost(samples: int) -> str:
    return f"lost {count(samples)}"


def stream_chip(state: StreamState | None) -> Chip:
    return UNKNOWN_STREAM if state is None else STREAM_CHIPS[state]


def retry_in(status: LinkStatus, now_us: int) -> str:
    """``next try in 4 s`` or nothing. Rounded up, so that it never says 0 while still waiting."""
    if status.next_retry_us is None:
        return ""
    left_s = math.ceil((status.next_retry_us - now_us) / 1_000_000)
    return f"next try in {left_s} s" if left_s > 0 else "trying now"


def link_sentence(status: LinkStatus, now_us: int) -> str:
    """Why the link is as it is and what happens next, for the toolbar; never empty."""
    parts = [status.reason or LINK_CHIPS[status.state].word, retry_in(status, now_us)]
    if not status.reason and status.state in TRANSPORTS:
        parts = [f"by {TRANSPORTS[status.state]}", f"LabLink {status.server_version}" if status.server_version else ""]
    return ", ".join(part for part in parts if part)


def empty_page(status: LinkStatus | None, now_us: int) -> tuple[str, str, str]:
    """Title, explanation and what to do, for a window that has no stream to show."""
    if status is None:
        return "No server", "No LabLink server was given.", "Start lablink-dpg with a server: lablink-dpg HOST:PORT"
    retry = retry_in(status, now_us)
    match status.state:
        case LinkState.IDLE | LinkState.CONNECTING:
            return f"Connecting to {status.server}{ELLIPSIS}", status.reason or "Asking for its acquisitions.", retry
        case LinkState.WAITING:
            title = f"{status.server} does not answer"
            return title, status.reason or "Nothing is listening there, or the network is down.", retry
        case LinkState.CLOSED:
            return "Connection closed", status.reason or "The link was ended.", "Start lablink-dpg again to connect."
        case LinkState.STREAMING | LinkState.POLLING:
            title = f"{status.server} has no running acquisitions"
            return title, "Connected and waiting.", "Start one on the server; it appears here by itself."


def no_samples(state: StreamState | None, received: int) -> str:
    """Why a plot is empty."""
    if received > 0:
        return "no samples in this window"
    match state:
        case StreamState.PAUSED:
            return "paused before its first sample"
        case StreamState.STOPPED:
            return "stopped before its first sample"
        case StreamState.SILENT:
            return "the server sends nothing for this stream"
        case _:
            return "waiting for the first samples"


def stream_tip(line: StreamLine, chip: Chip) -> str:
    """Everything about a stream, for the tooltip of its name."""
    return "\n".join(
        (
            line.name,
            f"{chip.text} · {line.stream}",
            f"{rate(line.rate_hz)} a channel · channels {', '.join(line.channels)}",
            f"latency {latency(line.latency_ms)}",
            f"received {count(line.received)} · lost {count(line.lost)} channel samples",
            "click to select it for the overlay",
        )
    )
