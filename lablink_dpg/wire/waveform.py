"""The answer to a captured waveform, decoded JSON, to arrays; what cannot be one is told in one line, never raised."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lablink_dpg.model.acquisition import Float64Array
from lablink_dpg.model.waveform import Waveform
from lablink_dpg.wire.fields import positive

MAX_POINTS = 1_000_000  # of one capture that are kept: 16 MB, and far more than a screen has columns


def parse_waveform(body: Any, equipment_id: str, channel: int) -> Waveform | str:
    """A waveform, or why there is none, for a person. Its times are those of the server, else follow from the rate."""
    if not isinstance(body, dict):
        return "the answer is no waveform"
    values, times = body.get("voltage_data"), body.get("time_data")
    if not isinstance(values, list) or not values:
        return "the answer has no voltages"
    volts = _numbers(values[:MAX_POINTS])
    if volts is None:
        return "its voltages are not all numbers"
    rate_hz = positive(body.get("sample_rate"))
    time_s: Float64Array | None
    if isinstance(times, list) and times:
        if len(times) != len(values):
            return f"it has {len(values)} voltages and {len(times)} times"
        time_s = _numbers(times[:MAX_POINTS])
        if time_s is None or not np.isfinite(time_s).all() or (np.diff(time_s) < 0).any():
            return "its times do not ascend"
    elif rate_hz:
        time_s = np.arange(volts.size) / rate_hz
    else:
        return "the answer has neither times nor a sample rate"
    return Waveform(equipment_id, channel, time_s, volts, rate_hz, len(values) - volts.size)


def _numbers(values: list[Any]) -> Float64Array | None:
    """``null`` is NaN; None if anything else is no number."""
    if not all(value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values):
        return None
    try:
        return np.array([math.nan if value is None else float(value) for value in values], np.float64)
    except OverflowError:  # an integer beyond float64
        return None
