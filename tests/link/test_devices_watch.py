"""Switching devices off and on, over a real link: streams, polling, and connections that come and go."""

from __future__ import annotations

from lablink_dpg.model.commands import WatchDevice, WatchTopics
from lablink_dpg.model.link import DeviceReading, LinkState, StreamState, Way
from lablink_dpg.model.topic import Topic
from tests.link.lab import Lab, until
from tests.link.running import Running, linked

PSU = ("psu", "readings")


def reading(run: Running, key: tuple[str, str] = PSU) -> DeviceReading | None:
    return run.network.status.readings.get(key)


def until_device(run: Running, state: StreamState, key: tuple[str, str] = PSU) -> None:
    def is_so() -> bool:
        shown = reading(run, key)
        return shown is not None and shown.state is state

    until(is_so, lambda: f"{key} not {state}: {run.network.status.readings}")


def lab_of_two() -> Lab:
    lab = Lab()
    lab.devices = {"psu": "power_supply", "load": "electronic_load"}
    return lab


def test_a_device_that_is_switched_off_is_neither_streamed_nor_polled_and_comes_again() -> None:
    with lab_of_two() as lab, linked(lab.url, readings_interval_ms=20, readings_poll_ms=20) as run:
        until_device(run, StreamState.STREAMING)
        run.network.send(WatchDevice("psu", False))
        until_device(run, StreamState.STOPPED)
        until(lambda: ("psu", "readings") not in lab._streams)
        shown = reading(run)
        assert shown is not None
        assert not shown.is_on
        assert shown.data, "the last values are still to be seen"
        requests, started = len(lab.requests), len(lab.started_devices)
        load_us = [0]

        def load_goes_on() -> bool:
            other = reading(run, ("load", "readings"))
            assert other is not None
            load_us.append(other.at_us or 0)
            return len(set(load_us)) > 5

        until(load_goes_on)
        assert not [each for each in lab.requests[requests:] if "/psu/readings" in each]
        assert not [each for each in lab.started_devices[started:] if each["equipment_id"] == "psu"]
        run.network.send(WatchDevice("psu", True))
        until_device(run, StreamState.STREAMING)
        again = reading(run)
        assert again is not None
        assert again.is_on


def test_what_is_off_stays_off_on_the_next_connection_and_for_a_device_that_is_connected_anew() -> None:
    with lab_of_two() as lab, linked(lab.url, readings_interval_ms=20, greet_s=0.05) as run:
        until_device(run, StreamState.STREAMING)
        run.network.send(WatchDevice("psu", False))
        until_device(run, StreamState.STOPPED)
        lab.close_sockets(1011)
        until(lambda: len(lab.started_devices) >= 3)
        until_device(run, StreamState.STREAMING, ("load", "readings"))
        assert [each["equipment_id"] for each in lab.started_devices].count("psu") == 1
        del lab.devices["psu"]
        until(lambda: reading(run) is None)
        lab.devices["psu"] = "power_supply"
        until(lambda: reading(run) is not None)
        until_device(run, StreamState.STOPPED)


def test_it_can_be_switched_off_while_everything_is_polled() -> None:
    with lab_of_two() as lab:
        lab.refuse_socket = 403
        with linked(lab.url, readings_poll_ms=20) as run:
            run.until_state(LinkState.POLLING)
            until_device(run, StreamState.POLLED)
            run.network.send(WatchDevice("psu", False))
            until_device(run, StreamState.STOPPED)
            before = sum("/load/readings" in each for each in lab.requests)
            until(lambda: sum("/load/readings" in each for each in lab.requests) > before + 2)
            polled = sum("/psu/readings" in each for each in lab.requests)
            until(lambda: sum("/load/readings" in each for each in lab.requests) > before + 6)
            assert sum("/psu/readings" in each for each in lab.requests) == polled


def test_polling_stops_when_the_stream_is_healthy_and_is_taken_up_when_it_is_not() -> None:
    """At 5 readings a second at least where they stream, fewer where they are asked for."""
    with lab_of_two() as lab:
        lab.silent.add("psu")
        with linked(lab.url, readings_interval_ms=100, readings_poll_ms=50, silent_retry_s=0.3) as run:
            until_device(run, StreamState.POLLED)
            shown = reading(run)
            assert shown is not None
            assert shown.way is Way.REST
            until(lambda: reading(run).note)  # type: ignore[union-attr]
            lab.silent.clear()
            until_device(run, StreamState.STREAMING)
            until(lambda: reading(run).way is Way.WEBSOCKET)  # type: ignore[union-attr]
            polled = sum("/psu/readings" in each for each in lab.requests)
            first = reading(run)
            until(lambda: reading(run).at_us > first.at_us + 400_000)  # type: ignore[union-attr, operator]
            assert sum("/psu/readings" in each for each in lab.requests) <= polled + 1, "one may have been under way"
            lab.silent.add("psu")
            until_device(run, StreamState.POLLED)


def test_while_somebody_looks_readings_come_five_times_a_second_at_least_and_rarely_else() -> None:
    def asked(lab: Lab) -> dict[str, int]:
        """How often each device was asked to tell, as it was asked last."""
        return {each["equipment_id"]: each["interval_ms"] for each in lab.started_devices}

    with lab_of_two() as lab, linked(lab.url) as run:
        until_device(run, StreamState.STREAMING)
        until_device(run, StreamState.STREAMING, ("load", "readings"))
        assert min(asked(lab).values()) >= 500
        run.network.send(WatchTopics(frozenset({Topic.READINGS})))
        until(lambda: max(asked(lab).values()) <= 200)
        lab.close_sockets(1012)
        until(lambda: len(lab.started_devices) >= 6)
        assert max(asked(lab).values()) <= 200, "on later connections as well"
        until_device(run, StreamState.STREAMING)
        run.network.send(WatchTopics(frozenset()))
        until(lambda: min(asked(lab).values()) >= 500)
        until_device(run, StreamState.STREAMING)


def test_a_device_that_is_off_is_not_asked_because_somebody_looks() -> None:
    with lab_of_two() as lab, linked(lab.url) as run:
        until_device(run, StreamState.STREAMING)
        run.network.send(WatchDevice("psu", False))
        until_device(run, StreamState.STOPPED)
        run.network.send(WatchTopics(frozenset({Topic.READINGS})))
        until(lambda: any(each["interval_ms"] <= 200 for each in lab.started_devices))
        assert {each["equipment_id"] for each in lab.started_devices if each["interval_ms"] <= 200} == {"load"}
