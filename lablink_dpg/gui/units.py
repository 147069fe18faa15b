"""Units of the values that LabLink's devices name; a value of another name has none that anybody could vouch for."""

from __future__ import annotations

WORDS = {"voltage": "V", "current": "A", "power": "W", "resistance": "Ω"}  # first word of a field
FIELDS = {
    **dict.fromkeys(("vpp", "vmax", "vmin", "vavg", "vrms"), "V"),
    **dict.fromkeys(("freq", "frequency", "sample_rate"), "Hz"),
    **dict.fromkeys(("period", "time_scale"), "s"),
}


def unit_of(field: str) -> str:
    """``V`` for voltage_actual, "" where it is not known."""
    return FIELDS.get(field) or WORDS.get(field.partition("_")[0], "")


def with_unit(field: str) -> str:
    unit = unit_of(field)
    return f"{field} ({unit})" if unit else field
