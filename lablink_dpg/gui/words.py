"""Numbers as short words for a person, of steady width so that nothing beside them jumps."""

from __future__ import annotations

import math

from lablink_dpg.gui.palette import Tone

MINUS = "\u2212"
FIGURE_SPACE = "\u2007"  # as wide as a digit
ELLIPSIS = "…"
LATE_MS = 250.0  # older than this looks late beside a hand on an instrument
VERY_LATE_MS = 2000.0
SLOW_SHARE = 0.8  # of the frame rate asked for; below it scrolling visibly stutters


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


def few_figures(value: int) -> str:
    """A number of things in the room of three figures: 200, 1k, 12k."""
    return str(value) if value < 1000 else f"{min(value // 1000, 99)}k"


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


def whole_duration(seconds: float) -> str:
    """12 s, 4 min 05 s, 3 h 20 min: as ``duration`` without tenths, which nobody can read while they run."""
    return f"{int(seconds)} s" if seconds < 60 else duration(seconds)


def short_duration(seconds: float) -> str:
    """12 s, 4 min, 3 h, 5 d: one unit, for where there is room for six letters."""
    whole = int(seconds)
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if whole >= size:
            return f"{whole // size} {unit}"
    return f"{whole} s"


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
