"""Tests of lablink_dpg.gui.device_rows, without a window."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.books.readings import Readings
from lablink_dpg.gui import device_rows
from lablink_dpg.gui.device_rows import EXPECTED, QUANTITIES, DeviceLine, chip, fields, figures, lines
from lablink_dpg.gui.palette import Tone
from lablink_dpg.model.equipment import EquipmentInfo
from lablink_dpg.model.link import DeviceReading, LinkState, LinkStatus, Mode, StreamState
from tests.support.synthetic_devices import data, equipment, kind

SCOPE, SUPPLY, LOAD = equipment(3)


def line(info: EquipmentInfo) -> DeviceLine:
    return DeviceLine("lab:8000", "", info, kind(info))


def readings(values: dict[str, Any], at_us: int = 0) -> Readings:
    got = Readings()
    got.take(values, at_us)
    return got


def status(server: str, *infos: EquipmentInfo, state: LinkState = LinkState.STREAMING) -> LinkStatus:
    shown = {
        (each.equipment_id, kind(each)): DeviceReading(each.equipment_id, kind(each), StreamState.STREAMING)
        for each in infos
    }
    return LinkStatus(server, Mode.HYBRID, state, equipment=infos, no_equipment="", readings=shown)


@pytest.mark.parametrize(
    ("value", "unit", "least", "text"),
    [
        (12.0034, "V", -3, "12.003 V"),
        (0.0012, "V", -3, "0.001 V"),
        (-0.0002, "V", -3, "0.000 V"),
        (-1.5, "A", -3, "−1.500 A"),
        (123.456, "V", -3, "123.46 V"),
        (1234.0, "W", -3, "1.234 kW"),
        (0.1415, "V", None, "141.5 mV"),
        (0.00002, "V", None, "20.00 µV"),
        (3e-12, "s", None, "0.003 ns"),
        (0.0, "V", None, "0.000 V"),
        (1000.0, "Hz", None, "1.000 kHz"),
        (999.99, "Hz", None, "1.000 kHz"),
        (2.5e9, "Hz", None, "2.500 GHz"),
        (0.001, "s", None, "1.000 ms"),
        (math.nan, "V", None, "– V"),
        (1e300, "V", None, "1.00e+300 V"),
    ],
)
def test_numbers_have_four_figures_and_a_unit(value: float, unit: str, least: int | None, text: str) -> None:
    assert " ".join(figures(value, unit, least)) == text


@given(st.floats(), st.sampled_from((None, -3)))
def test_a_number_is_never_longer_than_its_place(value: float, least: int | None) -> None:
    number, unit = figures(value, "V", least)
    assert len(number) <= 10
    assert len(unit) <= 2


def test_every_expected_field_has_its_words() -> None:
    assert {name for names in EXPECTED.values() for name in names} <= set(QUANTITIES)


@pytest.mark.parametrize("info", [SCOPE, SUPPLY, LOAD], ids=lambda info: info.type)
def test_what_is_expected_is_what_comes_so_that_nothing_jumps(info: EquipmentInfo) -> None:
    assert fields(line(info), None) == fields(line(info), readings(data(info, 0)))


def test_numbers_that_nobody_knows_are_shown_by_their_own_names_after_the_known_ones() -> None:
    names = fields(line(replace(LOAD, type="odd")), readings({"inner_heat": 40.0, "voltage": 1.0, "channel": 1}))
    assert names == ("voltage", "inner_heat")
    assert device_rows.label_of("inner_heat") == "inner heat"
    assert device_rows.value_of("inner_heat", readings({"inner_heat": 40.0})) == ("40.00", "")


def test_a_number_that_has_gone_keeps_its_line_with_a_dash() -> None:
    got = readings({"voltage": 1.0})
    got.take({}, 1)
    assert fields(line(LOAD), got) == ("voltage",)
    assert device_rows.value_of("voltage", got) == ("–", "V")


@pytest.mark.parametrize(("mode", "unit"), [("CC", "A"), ("CV", "V"), ("CR", "Ω"), ("CP", "W"), (7, "")])
def test_the_unit_of_a_setpoint_is_that_of_the_mode(mode: object, unit: str) -> None:
    assert device_rows.value_of("setpoint", readings({"setpoint": 1.0, "mode": mode})) == ("1.000", unit)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"output_enabled": True, "in_cv_mode": True, "in_cc_mode": False}, ("● on · CV", Tone.GOOD)),
        ({"output_enabled": True, "in_cv_mode": False, "in_cc_mode": True}, ("● on · CC", Tone.GOOD)),
        ({"output_enabled": False, "in_cv_mode": False}, ("○ off", Tone.MUTED)),
        ({"load_enabled": True, "mode": "CR"}, ("● on · CR", Tone.GOOD)),
        ({"load_enabled": "yes", "mode": 3}, None),
        ({}, None),
    ],
)
def test_output_and_mode_are_a_symbol_and_words(values: dict[str, Any], said: object) -> None:
    assert device_rows.output(values) == said


@pytest.mark.parametrize("state", list(StreamState))
def test_every_state_has_a_symbol_and_a_word(state: StreamState) -> None:
    said = chip(line(LOAD), DeviceReading("x", "readings", state), None, 0)
    assert said.symbol
    assert said.word


def test_what_is_old_is_never_said_to_come() -> None:
    coming = DeviceReading("x", "readings", StreamState.STREAMING)
    got = readings({}, at_us=0)
    assert chip(line(LOAD), coming, got, 1_000_000).word == "streaming"
    assert chip(line(LOAD), coming, got, 4_000_000).word == "old"
    assert device_rows.is_old(coming, got, 4_000_000)
    assert not device_rows.is_old(coming, got, 1_000_000)
    down = replace(coming, state=StreamState.WAITING)
    assert device_rows.is_old(down, got, 1_000_000)
    assert chip(line(LOAD), replace(coming, is_on=False), got, 9_000_000).word == "off"
    assert chip(line(LOAD), None, None, 0).word == "not read"
    assert chip(line(replace(LOAD, is_connected=False)), coming, got, 0).word == "no device"


@pytest.mark.parametrize(
    ("age_us", "text"), [(0, "0.0 s"), (230_000, "0.2 s"), (12_000_000, "12 s"), (250_000_000, "4 min")]
)
def test_ages_are_short(age_us: int, text: str) -> None:
    assert device_rows.age(readings({}, at_us=1000), 1000 + age_us) == text
    assert device_rows.age(None, 0) == ""


def test_devices_are_listed_server_by_server_with_the_servers_name_where_there_are_several() -> None:
    alone = lines([status("lab:8000", SCOPE, SUPPLY)])
    assert [each.short for each in alone] == ["", ""]
    assert [each.kind for each in alone] == ["measurements", "readings"]
    both = lines([status("lab:8000", SCOPE), status("roof:8000", SCOPE)])
    assert [each.key for each in both] == [("lab:8000", SCOPE.equipment_id), ("roof:8000", SCOPE.equipment_id)]
    assert len({device_rows.about(each) for each in both}) == 2
    assert "serial number MOCK0000" in device_rows.tip(both[0], None)
    assert device_rows.summary(both, [status("lab:8000", SCOPE), status("roof:8000")]) == "2 devices · 1 streaming"
    assert device_rows.summary((), []) == ""


def test_an_empty_list_says_why() -> None:
    assert "Connect one" in device_rows.nothing([status("lab:8000")])
    assert "Not connected" in device_rows.nothing([status("lab:8000", state=LinkState.WAITING)])
    crashing = replace(status("roof:8000"), no_equipment="cannot be had: status 500")
    assert device_rows.nothing([crashing]) == "The list cannot be had: status 500."
    said = device_rows.nothing([status("lab:8000"), crashing])
    assert said == "The list of roof:8000 cannot be had: status 500."
    unasked = LinkStatus("lab:8000", Mode.HYBRID, LinkState.STREAMING)
    assert device_rows.nothing([unasked]) == "The list has not been had yet."


def test_devices_of_one_model_are_told_apart() -> None:
    twin = replace(SUPPLY, equipment_id="ps_250e6dfe")
    first, second = lines([status("lab:8000", SUPPLY, twin)])
    assert first.name != second.name
    assert second.name == f"{SUPPLY.label} 6dfe"
