"""Severities of alarms as a person sees them: each has its own symbol and word, and a tone that two may share."""

from __future__ import annotations

from collections.abc import Mapping

from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.states import Chip
from lablink_dpg.model.alarm import Severity

CHIPS: Mapping[Severity, Chip] = {
    Severity.INFO: Chip("●", "info", Tone.INFO),
    Severity.WARNING: Chip("▲", "warning", Tone.WARN),
    Severity.ERROR: Chip("■", "error", Tone.BAD),
    Severity.CRITICAL: Chip("◆", "critical", Tone.BAD),
}
