"""What is said of an alarm or a threshold under the mouse: a heading with its symbol, then what is known of it."""

from __future__ import annotations

from typing import NamedTuple

from lablink_dpg.gui import words
from lablink_dpg.gui.alarm_rows import LOOKS, Look
from lablink_dpg.gui.palette import Tone
from lablink_dpg.model.alarm import AlarmEvent, AlarmState
from lablink_dpg.query.frame import AlarmMark, ThresholdLine
from lablink_dpg.query.ticks import clock_label

MAX_NAME = 60  # letters of a name that a server may have made as long as it likes
TENTH_US = 100_000


class Saying(NamedTuple):
    heading: str
    text: str
    tone: Tone


def value(number: float | None) -> str:
    return "–" if number is None else f"{number:.6g}".replace("-", words.MINUS)


def say(pointed_at: AlarmMark | ThresholdLine, now_us: int) -> Saying:
    if isinstance(pointed_at, ThresholdLine):
        look = LOOKS[pointed_at.severity]
        what = "threshold of an open alarm" if pointed_at.is_open else "threshold"
        return Saying(_heading(look, pointed_at.name), f"{what} {value(pointed_at.value)}", look.tone)
    event = pointed_at.event
    look = LOOKS[event.severity]
    lines = [line for line in (_reading(event), _time(event, now_us), _state(event)) if line]
    return Saying(_heading(look, event.name or event.alarm_id), "\n".join(lines), look.tone)


def _heading(look: Look, name: str) -> str:
    return f"{look.symbol} {look.word}  {_short(name)}".rstrip()


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= MAX_NAME else plain[: MAX_NAME - 1] + words.ELLIPSIS


def _reading(event: AlarmEvent) -> str:
    if event.value is None and event.threshold is None:
        return _short(event.parameter)
    name = _short(event.parameter) or "value"
    limit = "" if event.threshold is None else f", threshold {value(event.threshold)}"
    return f"{name} {value(event.value)}{limit}"


def _time(event: AlarmEvent, now_us: int) -> str:
    text = clock_label(event.triggered_us, TENTH_US)
    if event.is_open:
        return f"{text}, for {words.whole_duration(max(0, now_us - event.triggered_us) / 1e6)}"
    if event.cleared_us is None:
        return text
    lasted_s = max(0, event.cleared_us - event.triggered_us) / 1e6
    return f"{text}, over after {words.duration(lasted_s)}"


def _state(event: AlarmEvent) -> str:
    if event.state is AlarmState.ACKNOWLEDGED:
        return f"acknowledged by {_short(event.acknowledged_by)}" if event.acknowledged_by else "acknowledged"
    return ""
