"""The power of a device that tells its volts and amps only; under the name that others give it."""

from __future__ import annotations

import math
from collections.abc import Mapping

POWER = "power"  # in W
VOLTS, AMPS = ("voltage", "voltage_actual"), ("current", "current_actual")


def power_of(numbers: Mapping[str, float]) -> float | None:
    """V × A; None where the device says its power itself, or lacks one of the two."""
    if POWER in numbers:
        return None
    volts = next((numbers[name] for name in VOLTS if name in numbers), None)
    amps = next((numbers[name] for name in AMPS if name in numbers), None)
    if volts is None or amps is None or not math.isfinite(volts * amps):
        return None
    return volts * amps
