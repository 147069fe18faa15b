"""What a tour asks of its own simulator: alarms that rise when they are wanted, and a server that goes away."""

from __future__ import annotations

from typing import Any, Final

import httpx

from lablink_dpg.sim.process import SimProcess

TIMEOUT_S: Final = 5.0  # for one call to a server on the same machine
AWAY_S: Final = 3600  # longer than any tour
ALARMS: Final = (  # name, parameter, severity, threshold, value, type of the device
    ("Scope input over range", "CH1", "critical", 1.5, 1.72, "oscilloscope"),
    ("Supply voltage high", "voltage_actual", "error", 11.5, 12.02, "power_supply"),
    ("Load warm", "temperature", "info", 40.0, 41.3, "electronic_load"),
)


def raise_alarms(simulator: SimProcess) -> None:
    """One of each of ALARMS, on the first device of its type."""
    with httpx.Client(base_url=simulator.url, timeout=TIMEOUT_S, trust_env=False) as rest:
        devices: list[dict[str, Any]] = rest.get("/api/equipment/list").json()
        for name, parameter, severity, threshold, value, kind in ALARMS:
            device = next((each["id"] for each in devices if each["type"] == kind), None)
            if device is None:
                continue
            body = {
                "name": name,
                "equipment_id": device,
                "parameter": parameter,
                "condition": "greater_than",
                "severity": severity,
                "threshold": threshold,
                "auto_clear": False,
            }
            made = rest.post("/api/alarms/create", json=body).json()
            rest.post("/api/alarms/check", json={"alarm_id": made["alarm_id"], "value": value})


def go_away(simulator: SimProcess) -> None:
    """Close all doors, as a server that is shut down does."""
    simulator.fault(f"restart:kept,{AWAY_S}")
