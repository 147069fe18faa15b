"""The length of the history, asked for in seconds, kept in samples, paid for in megabytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lablink_dpg.gui.acquisition_draft import number_of
from lablink_dpg.gui.acquisition_rows import megabytes
from lablink_dpg.gui.palette import Tone
from lablink_dpg.query.frame import AcquisitionLine
from lablink_dpg.settings import BOUNDS

LARGE_BYTES = 8e9  # in all: more than most machines can spare
NO_RATE = "no acquisition says its rate: there is nothing to measure seconds by"


class HistoryAnswer(NamedTuple):
    samples: int | None  # a channel; None where what was typed is no length
    text: str
    tone: Tone


def fastest_hz(lines: Sequence[AcquisitionLine]) -> float:
    """Of the nominal rates: seconds are meant of the fastest, slower ones keep longer. 0.0 if none is known."""
    return max((line.info.sample_rate_hz for line in lines), default=0.0)


def seconds_text(samples: int, lines: Sequence[AcquisitionLine]) -> str:
    """What is set, as it would be typed; "" where that cannot be said."""
    rate_hz = fastest_hz(lines)
    return f"{samples / rate_hz:.6g}" if rate_hz > 0 else ""


def answer(text: str, lines: Sequence[AcquisitionLine]) -> HistoryAnswer:
    """What ``text`` seconds come to, or why they cannot be had."""
    rate_hz = fastest_hz(lines)
    if rate_hz <= 0:
        return HistoryAnswer(None, NO_RATE, Tone.MUTED)
    seconds = number_of(text)
    if seconds is None:
        return HistoryAnswer(None, "▲ History: a number of seconds is missing", Tone.WARN)
    bound = BOUNDS["history"]
    if not bound.low <= seconds * rate_hz <= bound.high:
        allowed = f"from {bound.low / rate_hz:.4g} to {bound.high / rate_hz:.4g} s at {rate_hz:g} S/s"
        return HistoryAnswer(None, f"▲ History: {seconds:g} s, must be {allowed}", Tone.WARN)
    samples = round(seconds * rate_hz)
    sizes = [line.full_bytes / line.capacity * samples for line in lines]
    cost = f"{megabytes(max(sizes))} MB a stream at most, {megabytes(sum(sizes))} MB in all when full"
    text = f"{samples} samples a channel, {seconds:g} s at {rate_hz:g} S/s: {cost}"
    if sum(sizes) > LARGE_BYTES:
        return HistoryAnswer(samples, f"▲ {text}", Tone.WARN)
    return HistoryAnswer(samples, text, Tone.MUTED)
