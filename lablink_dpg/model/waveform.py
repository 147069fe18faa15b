"""What an oscilloscope had on its screen: volts over time, captured once."""

from __future__ import annotations

from dataclasses import dataclass

from lablink_dpg.model.acquisition import Float64Array


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """``time_s`` and ``volts`` of shape (n,), n at least 1; NaN where the server has no value."""

    equipment_id: str
    channel: int
    time_s: Float64Array
    volts: Float64Array
    sample_rate_hz: float = 0.0  # 0.0 where the server does not say
    left_out: int = 0  # points of a longer one, from its end
