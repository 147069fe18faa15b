"""Orders about devices over a whole link: what becomes of them is posted, and the list of devices follows at once."""

from __future__ import annotations

from lablink_dpg.model.messages import ServerEvent
from lablink_dpg.model.orders import CaptureWaveform, ConnectDevice, DisconnectDevice, Discover, OrderDone
from lablink_dpg.model.waveform import Waveform
from tests.link.lab import until
from tests.link.running import Running, linked
from tests.support.secured import Secured

NEVER_S = 600.0  # between two regular lists: what is seen before was asked for because of the order


class Outcomes:
    def __init__(self, run: Running) -> None:
        self._run = run
        self.done: list[OrderDone] = []
        self.steps: list[str] = []

    def take(self) -> None:
        for event in self._run.network.drain_events():
            if isinstance(event, OrderDone):
                self.done.append(event)
            elif isinstance(event, ServerEvent):
                self.steps.append(str(event.data.get("event_type")))

    def of(self, order: object) -> OrderDone:
        def is_there() -> bool:
            self.take()
            return any(done.order == order for done in self.done)

        until(is_there)
        return next(done for done in self.done if done.order == order)


def types(run: Running) -> list[str]:
    return [info.type for info in run.network.status.equipment]


def test_who_is_connected_and_disconnected_is_seen_at_once() -> None:
    with Secured(token=None, has_strict_locks=True) as server, linked(server.url, greet_s=NEVER_S) as run:
        until(lambda: len(types(run)) == 3)
        outcomes = Outcomes(run)
        known = run.network.status.equipment
        assert all(info.serial_number and info.resource_string and info.connection_type for info in known)
        assert all(info.is_connected for info in known)
        load = next(info for info in known if info.type == "electronic_load")
        assert outcomes.of(order := _given(run, DisconnectDevice(load.equipment_id))).is_done, order
        until(lambda: len(types(run)) == 2)
        found = outcomes.of(_given(run, Discover()))
        assert found.is_done
        assert [line["resource_string"] for line in found.data["devices"]][-1] == load.resource_string
        until(lambda: (outcomes.take(), "scan_completed" in outcomes.steps)[1])
        assert outcomes.steps[0] == "scan_started"
        assert outcomes.steps.count("device_found") == 3
        again = ConnectDevice(load.resource_string, load.type, load.model)
        assert outcomes.of(_given(run, again)).is_done
        until(lambda: len(types(run)) == 3)
        scope = next(info for info in run.network.status.equipment if info.type == "oscilloscope")
        captured = outcomes.of(_given(run, CaptureWaveform(scope.equipment_id)))
        assert isinstance(captured.data["waveform"], Waveform)


def test_what_cannot_be_done_is_told_with_the_reason_of_the_server() -> None:
    with Secured(token=None) as server, linked(server.url, greet_s=NEVER_S) as run:
        until(lambda: len(types(run)) == 3)
        outcomes = Outcomes(run)
        load = next(info for info in run.network.status.equipment if info.type == "electronic_load")
        for order, why in (
            (ConnectDevice("USB::1", "electronic_load", "X"), "Could not connect"),
            (DisconnectDevice("nope"), "not found"),
            (CaptureWaveform(load.equipment_id), "is not an oscilloscope"),
        ):
            done = outcomes.of(_given(run, order))
            assert not done.is_done
            assert why in done.text
        assert len(types(run)) == 3


def _given(run: Running, order: DisconnectDevice | ConnectDevice | Discover | CaptureWaveform) -> object:
    run.network.send(order)
    return order
