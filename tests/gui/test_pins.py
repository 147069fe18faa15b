"""Cards of single values: named by what they are, shown whether their device is there or not."""

from __future__ import annotations

from lablink_dpg.gui.pins import PinnedReading, card_line, found, trace_names, trace_of
from lablink_dpg.gui.units import unit_of
from lablink_dpg.model.link import StreamState
from lablink_dpg.query.frame import ReadingLine, StreamLine
from lablink_dpg.query.view import TraceRequest

PIN = PinnedReading("server:8000", "psu_1", "readings", "voltage_actual")
DEVICE = StreamLine("readings:psu_1", "PSU 1", ("voltage_actual", "power"), 2.0, None, 0, 40, StreamState.STREAMING)
READINGS = [
    ReadingLine("other:8000", "psu_1", "readings", DEVICE),
    ReadingLine("server:8000", "psu_1", "readings", DEVICE),
]


def test_a_card_is_called_by_device_field_and_unit_and_draws_one_channel_of_the_device() -> None:
    line = card_line(PIN, READINGS)
    assert (line.name, line.channels) == ("PSU 1 · voltage_actual (V)", ("voltage_actual",))
    assert (line.stream, line.series) == (PIN.key, "readings:psu_1")
    assert (line.state, line.received) == (StreamState.STREAMING, 40)
    assert trace_of(PIN, READINGS) == TraceRequest("readings:psu_1", "voltage_actual")


def test_the_same_device_of_another_server_is_another_one() -> None:
    assert found(PIN, READINGS[:1]) is None
    assert PIN.key != PIN._replace(server="other:8000").key


def test_a_card_of_a_device_that_is_not_there_says_so_and_draws_nothing() -> None:
    line = card_line(PIN, [])
    assert (line.state, line.received, line.name) == (None, 0, "psu_1 · voltage_actual (V)")
    assert trace_of(PIN, []) is None


def test_a_field_that_the_device_has_never_sent_has_received_nothing() -> None:
    assert card_line(PIN._replace(field="late"), READINGS).received == 0


def test_a_legend_names_values_by_device_and_channels_by_acquisition() -> None:
    one = StreamLine("a", "Scope", ("CH1",), 1.0, None, 0, 1)
    two = StreamLine("b", "DAQ", ("CH1", "CH2"), 1.0, None, 0, 1)
    traces = [TraceRequest("a", "CH1"), TraceRequest("b", "CH2"), TraceRequest("readings:psu_1", "power")]
    names = trace_names([*traces, TraceRequest("gone", "x")], {"a": one, "b": two}, {"readings:psu_1": DEVICE})
    assert list(names.values()) == ["Scope", "DAQ · CH2", "PSU 1 · power (W)", "gone · x"]


def test_units_are_known_by_the_names_that_lablink_uses() -> None:
    named = ("voltage_set", "current", "power", "vpp", "freq", "period", "setpoint", "in_cc_mode")
    assert [unit_of(each) for each in named] == ["V", "A", "W", "V", "Hz", "s", "", ""]
