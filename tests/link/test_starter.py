"""Tests of lablink_dpg.link.starter: whose turn it is on a connection. Deaths of connections are in test_zombie."""

from __future__ import annotations

from lablink_dpg.link.socket_side import SILENT
from lablink_dpg.model.link import LinkState
from tests.link.lab import Acquisition, Lab, until
from tests.link.running import linked


def test_silent_devices_are_asked_for_one_after_the_other_and_none_keeps_the_next_from_its_turn() -> None:
    """Also those that had to wait so long that they were polled before they were asked for."""
    devices = [f"psu_{number}" for number in range(4)]
    with Lab(Acquisition("a")) as lab:
        lab.devices = dict.fromkeys(devices, "power_supply")
        lab.silent = set(devices)
        with linked(lab.url, unserved_s=0.1, readings_interval_ms=40) as run:
            run.until_more("a")
            until(lambda: run.network.status.counters.silent_streams == len(devices), run.how_it_stands)
            assert [each["equipment_id"] for each in lab.started_devices][: len(devices)] == devices
            until(lambda: {each.note for each in run.network.status.readings.values()} == {SILENT}, run.how_it_stands)
            assert run.state is LinkState.STREAMING
            assert (run.network.status.counters.zombies, run.network.status.counters.reconnects) == (0, 0)
            lab.silent = set()  # each is asked for again now and then
            until(lambda: run.network.status.counters.active_streams == 1 + len(devices), run.how_it_stands)
            assert not any(each.note for each in run.network.status.readings.values())
