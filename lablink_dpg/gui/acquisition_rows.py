"""Acquisitions as a person reads them: a row each, everything about one, all of them in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from lablink_dpg.gui import states, words
from lablink_dpg.gui.lazy import Lazy
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.rows import Cell, Column, Row
from lablink_dpg.gui.states import Chip
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import StreamState
from lablink_dpg.query.frame import AcquisitionLine

SLOW_SHARE = 0.95  # of the nominal rate; below it the server does not keep up, or samples are lost
JITTERY_MS = 50.0  # as long as a usual interval: samples then come in visible bursts
DASH = "–"

STATE_CHIPS: Mapping[AcquisitionState, Chip] = {
    AcquisitionState.IDLE: Chip("○", "idle", Tone.MUTED),
    AcquisitionState.WAITING_TRIGGER: Chip("◇", "armed", Tone.INFO),
    AcquisitionState.ACQUIRING: Chip("●", "acquiring", Tone.GOOD),
    AcquisitionState.PAUSED: Chip("‖", "paused", Tone.WARN),
    AcquisitionState.STOPPED: Chip("■", "stopped", Tone.MUTED),
    AcquisitionState.ERROR: Chip("▲", "error", Tone.BAD),
    AcquisitionState.UNKNOWN: Chip("○", "unknown", Tone.MUTED),
}
OFFLINE = states.STREAM_CHIPS[StreamState.WAITING]
RUNNING = (AcquisitionState.ACQUIRING, AcquisitionState.PAUSED, AcquisitionState.WAITING_TRIGGER)
ENDED = (AcquisitionState.IDLE, AcquisitionState.STOPPED, AcquisitionState.ERROR)
ASKED_TWICE = ("stop", "delete")  # what came after a stop is lost, and a deletion takes all
# What a person can have done in which state; where it is not known, the server is to say what it allows.
ALLOWED: Mapping[str, tuple[AcquisitionState, ...]] = {
    "start": (*ENDED, AcquisitionState.UNKNOWN),
    "pause": (AcquisitionState.ACQUIRING, AcquisitionState.UNKNOWN),
    "resume": (AcquisitionState.PAUSED, AcquisitionState.UNKNOWN),
    "stop": (*RUNNING, AcquisitionState.UNKNOWN),
    "delete": tuple(AcquisitionState),
}

# What matters most is at the left: where there is no room, the right is cut off.
COLUMNS = (
    Column("State", 100),
    Column("Name", 96, 3.0),
    Column("Rate", 150, is_right=True),
    Column("By", 86),
    Column("Lost", 72, is_right=True),
    Column("Device", 100, 2.0),
    Column("Channels", 90, 1.0),
    Column("Latency", 78, is_right=True),
    Column("Jitter", 72, is_right=True),
    Column("Filled", 66, is_right=True),
    Column("History", 138, is_right=True),
    Column("Memory", 124, is_right=True),
)
DETAIL_COLUMNS = (Column("Selected", 118), Column("", 120, 1.0))

Devices: TypeAlias = Mapping[tuple[str, str], str]  # (server, equipment_id) → its name for a person


def is_allowed(action: str, line: AcquisitionLine | None, is_up: bool) -> bool:
    """Whether ``action`` makes sense. ``is_up``: its server can be asked."""
    if line is None:
        return False
    if action == "show":
        return line.line.received > 0
    if action == "export":
        return is_up and line.total > 0
    return is_up and line.info.state in ALLOWED[action]


def rows(lines: Sequence[AcquisitionLine] = (), devices: Devices | None = None) -> Sequence[Row]:
    """Made as they are asked for: of five hundred only those on the screen."""
    return Lazy(lines, lambda line: row_of(line, devices or {}))


def row_of(line: AcquisitionLine, devices: Devices) -> Row:
    stream = line.line
    chip, (rate, rate_tone), way = state_chip(line), rate_cell(line), way_chip(line)
    late, late_tone = latency_cell(line)
    jitter, jitter_tone = jitter_cell(line)
    cells = (
        Cell(chip.text, chip.tone),
        Cell(stream.name),
        Cell(rate, rate_tone),
        Cell(way.text if way is not None else DASH, way.tone if way is not None else Tone.MUTED),
        Cell(_counted(stream.lost, "▲ "), Tone.BAD if stream.lost else Tone.MUTED),
        Cell(device_of(line, devices), Tone.MUTED),
        Cell(", ".join(stream.channels), Tone.MUTED),
        Cell(late, late_tone),
        Cell(jitter, jitter_tone),
        Cell(_counted(line.backfilled), Tone.PLAIN if line.backfilled else Tone.MUTED),
        Cell(history_cell(line), Tone.MUTED),
        Cell(f"{megabytes(line.held_bytes)} / {megabytes(line.full_bytes)} MB", Tone.MUTED),
    )
    return Row(stream.stream, cells)


def device_of(line: AcquisitionLine, devices: Devices) -> str:
    return devices.get((line.server, line.info.equipment_id), line.info.equipment_id) or DASH


def state_chip(line: AcquisitionLine) -> Chip:
    """As the server said; what runs on a server that cannot be reached may have ended since."""
    if line.info.state in RUNNING and line.line.state is StreamState.WAITING:
        return OFFLINE
    return STATE_CHIPS[line.info.state]


def way_chip(line: AcquisitionLine) -> Chip | None:
    """By which way samples come; None while none are to be expected."""
    return states.stream_chip(line.line) if state_chip(line) is not OFFLINE and line.info.state in RUNNING else None


def rate_cell(line: AcquisitionLine) -> tuple[str, Tone]:
    """Measured against nominal; the mark says that samples come too slowly."""
    rate_hz, nominal_hz = line.line.rate_hz, line.info.sample_rate_hz
    if nominal_hz <= 0:
        return words.rate(rate_hz), Tone.PLAIN
    text = rate_against(rate_hz, nominal_hz)
    is_due = line.info.state is AcquisitionState.ACQUIRING and (rate_hz > 0 or line.line.is_old)
    if is_due and rate_hz < SLOW_SHARE * nominal_hz:
        return f"▼ {text}", Tone.WARN
    return text, Tone.PLAIN if rate_hz > 0 else Tone.MUTED


def rate_against(rate_hz: float, nominal_hz: float) -> str:
    """``998 / 1000 S/s``: both in the same unit, the nominal one as it was asked for."""
    size, unit = 1.0, "S/s"
    for bound, prefix in ((1e7, "M"), (1e4, "k")):
        if nominal_hz >= bound:
            size, unit = bound / 10, f"{prefix}S/s"
            break
    nominal = f"{nominal_hz / size:.5g}"
    digits = len(nominal.partition(".")[2])
    measured = f"{rate_hz / size:.{max(digits, 1 if nominal_hz / size < 100 else 0)}f}" if rate_hz > 0 else DASH
    return f"{measured} / {nominal} {unit}"


def latency_cell(line: AcquisitionLine) -> tuple[str, Tone]:
    return states.lateness(line.line) if line.info.state in RUNNING else (DASH, Tone.MUTED)


def jitter_cell(line: AcquisitionLine) -> tuple[str, Tone]:
    if line.jitter_ms is None:
        return DASH, Tone.MUTED
    text = f"{line.jitter_ms:.1f} ms" if line.jitter_ms < 100 else words.latency(line.jitter_ms)
    return (f"▲ {text}", Tone.WARN) if line.jitter_ms >= JITTERY_MS else (text, Tone.MUTED)


def history_cell(line: AcquisitionLine) -> str:
    """What is held, and what there is room for."""
    held_s, capacity_s = line.held_s, line.capacity_s
    if held_s is None or capacity_s is None:
        return f"{words.count(line.held)} / {words.count(line.capacity)} S"
    return f"{_span(held_s)} / {_span(capacity_s)}"


def megabytes(size: float) -> str:
    """0.03, 2.1, 214: three digits are enough."""
    value = size / 1e6
    return f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 99.95 else f"{value:.0f}"


def totals(lines: Sequence[AcquisitionLine]) -> str:
    """All of them in one line."""
    if not lines:
        return "no acquisitions"
    counts = Counter(state_chip(line) for line in lines)
    listed = ", ".join(f"{counts[chip]} {chip.word}" for chip in (*STATE_CHIPS.values(), OFFLINE) if counts[chip])
    rate_hz = sum(line.line.rate_hz * len(line.line.channels) for line in lines)
    held, full = sum(line.held_bytes for line in lines), sum(line.full_bytes for line in lines)
    return " · ".join(
        (
            f"{len(lines)} acquisition{'s' if len(lines) > 1 else ''}: {listed}",
            words.rate(rate_hz),
            f"lost {words.count(sum(line.line.lost for line in lines))}",
            f"filled {words.count(sum(line.backfilled for line in lines))}",
            f"history {megabytes(held)} of {megabytes(full)} MB",
        )
    )


def details(line: AcquisitionLine, devices: Devices, *, has_others: bool) -> list[Row]:
    """Everything about one, as rows of two cells. ``has_others``: there are other servers."""
    stream, info = line.line, line.info
    chip, way = state_chip(line), way_chip(line)
    rows: list[tuple[str, str, Tone]] = [
        ("Name", stream.name, Tone.PLAIN),
        *([("Server", line.server, Tone.PLAIN)] if has_others else []),
        ("State", chip.text, chip.tone),
        ("Device", device_of(line, devices), Tone.PLAIN),
        ("Channels", ", ".join(stream.channels), Tone.PLAIN),
        ("Mode", mode_words(info), Tone.PLAIN),
        ("Trigger", trigger_words(info.trigger), Tone.PLAIN),
        ("Created", _moment(info.created_at), Tone.PLAIN),
        ("Started", _moment(info.started_at), Tone.PLAIN),
        ("Stopped", _moment(info.stopped_at) if info.state not in RUNNING else DASH, Tone.PLAIN),
        ("On the server", f"{line.total:,} samples a channel".replace(",", " "), Tone.PLAIN),
        ("Its buffer", buffer_words(info), Tone.PLAIN),
        ("Comes by", way.text if way is not None else DASH, way.tone if way is not None else Tone.MUTED),
    ]
    if stream.note:
        rows.append(("Why", f"▲ {stream.note}", Tone.WARN))
    (rate, rate_tone), (late, late_tone), (jitter, jitter_tone) = (
        rate_cell(line),
        latency_cell(line),
        jitter_cell(line),
    )
    rows += [
        ("Rate", rate, rate_tone),
        ("Latency", late, late_tone),
        ("Jitter", jitter, jitter_tone),
        ("Received", f"{words.count(stream.received)} channel samples", Tone.PLAIN),
        ("Lost", _counted(stream.lost, "▲ "), Tone.BAD if stream.lost else Tone.PLAIN),
        ("Back-filled", _counted(line.backfilled), Tone.PLAIN),
        ("History", history_cell(line), Tone.PLAIN),
        ("Memory", f"{megabytes(line.held_bytes)} of {megabytes(line.full_bytes)} MB", Tone.PLAIN),
    ]
    if info.actual_rate_hz is not None:
        rows.append(("Server's rate", rate_against(info.actual_rate_hz, info.sample_rate_hz or 1.0), Tone.PLAIN))
    if info.overruns:
        rows.append(("Overruns", f"▲ {words.count(info.overruns)} of its buffer", Tone.BAD))
    rows.append(("Id", info.acquisition_id, Tone.MUTED))
    return [Row(name, (Cell(name, Tone.MUTED), Cell(text, tone)), tip=text) for name, text, tone in rows]


def mode_words(info: AcquisitionInfo) -> str:
    """``single shot, 700 samples, 2.5 s``."""
    parts = [info.mode.replace("_", " ") or DASH]
    if info.num_samples is not None:
        parts.append(f"{info.num_samples} samples")
    if info.duration_s is not None:
        parts.append(f"{info.duration_s:g} s")
    return ", ".join(parts)


def trigger_words(trigger: Mapping[str, object]) -> str:
    """``edge of CH1, rising, at 0.5, 20 samples before``; whatever it holds."""
    kind = trigger.get("trigger_type")
    if not isinstance(kind, str) or kind in ("", "immediate"):
        return "none: at once"
    channel, edge, level = trigger.get("channel"), trigger.get("edge"), trigger.get("level")
    before = trigger.get("pre_trigger_samples")
    parts = [f"{kind} of {channel}" if channel else kind]
    if edge:
        parts.append(str(edge))
    if isinstance(level, int | float):
        parts.append(f"at {level:g}")
    if isinstance(before, int) and before > 0:
        parts.append(f"{before} samples before")
    return ", ".join(parts)


def buffer_words(info: AcquisitionInfo) -> str:
    size = f"{info.buffer_size} samples"
    return f"{size}, {_span(info.buffer_size / info.sample_rate_hz)}" if info.sample_rate_hz > 0 else size


def _counted(count: int, mark: str = "") -> str:
    return f"{mark}{words.count(count)}" if count else "0"


def _span(seconds: float) -> str:
    """12.3 s below a minute, else 17 min, 5 h: one unit."""
    return f"{seconds:.3g} s" if seconds < 60 else words.short_duration(seconds)


def _moment(text: str) -> str:
    """A time as the server writes it, to the second."""
    return text[:19].replace("T", " ") or DASH
