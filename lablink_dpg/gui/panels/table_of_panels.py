"""The panels that there are: one line each. A new panel is a module of its own and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from lablink_dpg.gui import health_rows, job_rows
from lablink_dpg.gui.docking import PanelName
from lablink_dpg.gui.panels import alarms
from lablink_dpg.gui.panels.acquisitions import AcquisitionsPanel
from lablink_dpg.gui.panels.alarms import AlarmsPanel
from lablink_dpg.gui.panels.diagnostics import DiagnosticsPanel
from lablink_dpg.gui.panels.equipment import EquipmentPanel
from lablink_dpg.gui.panels.panel import PanelKind
from lablink_dpg.gui.panels.scheduler import SchedulerPanel
from lablink_dpg.gui.panels.settings import SettingsPanel
from lablink_dpg.model.topic import Topic

PANELS: Mapping[PanelName, PanelKind] = {
    PanelName.EQUIPMENT: PanelKind(
        "Equipment", "Devices", "■", 1, "Devices and their readings", EquipmentPanel, topics=(Topic.READINGS,)
    ),
    PanelName.ACQUISITIONS: PanelKind(
        "Acquisitions", "Acquire", "▶", 2, "Acquisitions: create, start, stop, quality", AcquisitionsPanel
    ),
    PanelName.ALARMS: PanelKind(
        "Alarms",
        "Alarms",
        "▲",
        3,
        "Alarms: acknowledge, clear, history",
        AlarmsPanel,
        badge=alarms.badge,
        topics=(Topic.ALARMS, Topic.RULES),
    ),
    PanelName.DIAGNOSTICS: PanelKind(
        "Diagnostics",
        "Health",
        "✓",
        4,
        "Health of devices, benchmarks",
        DiagnosticsPanel,
        badge=health_rows.badge,
        topics=(Topic.HEALTH, Topic.SYSTEM),
    ),
    PanelName.SCHEDULER: PanelKind(
        "Scheduler",
        "Jobs",
        "↻",
        5,
        "Jobs and their runs",
        SchedulerPanel,
        badge=job_rows.badge,
        topics=(Topic.JOBS, Topic.EXECUTIONS),
    ),
    PanelName.SETTINGS: PanelKind(
        "Connection and settings", "Settings", "◆", 6, "Servers, display, notifications", SettingsPanel
    ),
}
