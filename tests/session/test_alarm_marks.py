"""What a server tells of alarms is in the frames of its own plots, at its time, over loopback."""

from __future__ import annotations

import time

import httpx
import pytest

from lablink_dpg.query.frame import PlotFrame
from lablink_dpg.session import Session, connect
from lablink_dpg.sim.process import SimProcess
from tests.session.test_session import until, view_of

CLOCKS_US = 1_000_000  # between the server's time of an event and ours


def raise_alarm(simulator: SimProcess, equipment_id: str, parameter: str, threshold: float) -> None:
    fields = {"name": "High", "equipment_id": equipment_id, "parameter": parameter, "condition": "greater_than"}
    url = f"{simulator.url}/api/alarms"
    created = httpx.post(f"{url}/create", json={**fields, "severity": "error", "threshold": threshold}).json()
    httpx.post(f"{url}/check", json={"alarm_id": created["alarm_id"], "value": threshold + 1.0}).raise_for_status()


def plots(session: Session) -> dict[str, PlotFrame]:
    session.drain()
    return {plot.key: plot for plot in session.frame(view_of(session)).plots}


def test_an_alarm_is_marked_on_the_plots_of_its_device_and_of_no_other_server() -> None:
    with (
        SimProcess(streams=2, rate_hz=500.0) as first,
        SimProcess(streams=2, rate_hz=500.0) as second,
        connect(first.url, second.url) as session,
    ):
        until(lambda: len(session.series) == 4 and all(each.ring.head for each in session.series.values()))
        until(lambda: all(each.info.equipment_id for each in session.series.values()))  # samples may come first
        until(lambda: all(not plot.marks for plot in plots(session).values()))
        here = {key: each for key, each in session.series.items() if str(second.url).removeprefix("http://") in key}
        assert len(here) == 2
        device = next(iter(here.values())).info.equipment_id
        its = {key for key, each in here.items() if each.info.equipment_id == device}
        channel = next(iter(here.values())).channels[0]
        raise_alarm(second, device, channel.lower(), 0.25)
        raised_us = time.time_ns() // 1000

        def is_marked() -> bool:
            found = plots(session)
            return all(found[key].marks and found[key].thresholds for key in its)

        until(is_marked)
        found = plots(session)
        assert {key for key, plot in found.items() if plot.marks} == its
        for key in its:
            (mark,) = found[key].marks
            assert mark.until_s is None
            assert mark.event.triggered_us == pytest.approx(raised_us, abs=CLOCKS_US)
            assert found[key].x_origin_us + mark.at_s * 1e6 == pytest.approx(mark.event.triggered_us, abs=1)
            assert [line.value for line in found[key].thresholds] == [0.25]
