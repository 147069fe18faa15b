"""What a tour has its simulator do."""

from __future__ import annotations

import httpx
import pytest

from lablink_dpg.sim import backstage
from lablink_dpg.sim.process import SimProcess


def test_alarms_rise_on_devices_of_their_type_and_then_the_doors_close() -> None:
    with SimProcess(streams=1) as simulator, httpx.Client(base_url=simulator.url, trust_env=False) as rest:
        backstage.raise_alarms(simulator)
        events = rest.get("/api/alarms/events/active").json()["events"]
        types = {device["id"]: device["type"] for device in rest.get("/api/equipment/list").json()}
        found = {(event["severity"], event["parameter"], types[event["equipment_id"]]) for event in events}
        assert found == {(severity, parameter, kind) for _, parameter, severity, _, _, kind in backstage.ALARMS}
        assert "critical" in {event["severity"] for event in events}
        rest.close()
        backstage.go_away(simulator)
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{simulator.url}/api", trust_env=False, timeout=5)
