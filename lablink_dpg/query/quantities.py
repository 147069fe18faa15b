"""Whether an alarm's parameter and a plot's channel are one quantity, by their names: nothing else is told of them.

The rule: two names are equal when case and separators are left out of account, or both are names of one quantity in the
table below. A channel number, as in ``ch1_voltage``, is no part of the quantity: where the parameter has one, the
channel must have the same; where it has none, any channel of that quantity will do. Everything else is unequal: what
``CH1`` measures nobody says, and a threshold of amperes must not be drawn on volts. What is set is not what is
measured, and single letters are left out, because a scope's channels are called A and B.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_NAMES = (
    ("voltage", "voltage_actual", "actual_voltage", "voltage_measured", "measured_voltage", "output_voltage", "volts"),
    ("current", "current_actual", "actual_current", "current_measured", "measured_current", "output_current", "amps"),
    ("power", "power_actual", "actual_power", "power_measured", "measured_power", "output_power", "watts"),
    ("temperature", "temp", "temperature_actual", "temperature_measured"),
    ("frequency", "freq"),
)
_QUANTITIES = {name: names[0] for names in _NAMES for name in names}
_SEPARATORS = re.compile(r"[\W_]+")
_NUMBERED_FIRST = re.compile(r"(?:ch|channel)_?(\d+)_(.+)")
_NUMBERED_LAST = re.compile(r"(.+)_(?:ch|channel)_?(\d+)")


class Quantity(NamedTuple):
    name: str
    channel: str  # its number; "" where it has none


@lru_cache(maxsize=1024)  # parameters and channels of all servers; names repeat with every event
def quantity(name: str) -> Quantity:
    plain = _SEPARATORS.sub("_", name.casefold()).strip("_")
    number = ""
    if found := _NUMBERED_FIRST.fullmatch(plain):
        number, plain = found[1], found[2]
    elif found := _NUMBERED_LAST.fullmatch(plain):
        plain, number = found[1], found[2]
    return Quantity(_QUANTITIES.get(plain, plain), number.lstrip("0") or number)


def is_same(parameter: str, channel: str) -> bool:
    """Whether a threshold of ``parameter`` belongs on the axis on which ``channel`` is drawn."""
    wanted, shown = quantity(parameter), quantity(channel)
    return bool(wanted.name) and wanted.name == shown.name and wanted.channel in ("", shown.channel)
