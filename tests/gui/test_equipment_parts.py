"""Tests of what the equipment panel's parts decide, without a window."""

from __future__ import annotations

import time

import numpy as np
import pytest

from lablink_dpg.books.captures import Capture
from lablink_dpg.books.discovery import FoundDevice
from lablink_dpg.gui.panels.connect_form import MAX_OFFERED, offered, problem
from lablink_dpg.gui.panels.device_card import columns, height_of
from lablink_dpg.gui.panels.device_value import LEAST_PX, ROW_PX
from lablink_dpg.gui.panels.waveform import HEIGHT_PX, time_unit, title_of
from lablink_dpg.model.orders import ConnectDevice
from lablink_dpg.model.waveform import Waveform
from tests.gui.test_device_rows import LOAD, SCOPE, SUPPLY, line


def test_what_is_connected_is_not_offered_again() -> None:
    found = {
        each.resource: each
        for each in (
            FoundDevice("MOCK::0", "oscilloscope", "S"),
            FoundDevice("MOCK::1", "power_supply"),
            FoundDevice("MOCK::2", model="X", is_connected=True),
        )
    }
    assert list(offered(found, frozenset({"MOCK::0"}))) == ["Supply · MOCK::1"]
    many = {str(number): FoundDevice(str(number)) for number in range(MAX_OFFERED + 1)}
    assert len(offered(many, frozenset())) == MAX_OFFERED


def test_a_form_says_what_it_lacks() -> None:
    assert problem(ConnectDevice("", "oscilloscope", "")) == "▲ no resource"
    assert problem(ConnectDevice("USB::1", "oscilloscope", "")) == "▲ no model"
    assert problem(ConnectDevice("USB::1", "oscilloscope", "S")) == ""


def test_cards_are_as_high_as_what_is_in_them_and_wide_ones_have_numbers_side_by_side() -> None:
    narrow, wide = 280, 2 * LEAST_PX + 40
    assert (columns(narrow), columns(wide)) == (1, 2)
    supply = line(SUPPLY)
    assert (
        height_of(supply, 5, narrow, has_waveform=False) - height_of(supply, 5, wide, has_waveform=False) == 2 * ROW_PX
    )
    scope = line(SCOPE)
    assert height_of(scope, 7, narrow, has_waveform=True) - height_of(scope, 7, narrow, has_waveform=False) == HEIGHT_PX
    assert height_of(line(LOAD), 4, narrow, has_waveform=False) < height_of(supply, 5, narrow, has_waveform=False)


@pytest.mark.parametrize(
    ("span_s", "unit"), [(5.0, "s"), (1.0, "s"), (0.02, "ms"), (1e-5, "µs"), (9.99e-7, "ns"), (0.0, "ns")]
)
def test_the_time_axis_has_the_unit_in_which_numbers_are_short(span_s: float, unit: str) -> None:
    assert time_unit(span_s)[1] == unit


def test_a_waveform_is_named_by_channel_time_and_points() -> None:
    at_us = int(time.mktime((2026, 11, 23, 12, 0, 0, 0, 0, -1))) * 1_000_000
    waveform = Waveform("scope", 2, np.arange(1000.0), np.zeros(1000))
    assert title_of(Capture(waveform, at_us)) == "CH2 at 12:00:00 · 1.00 k points"
    cut = Waveform("scope", 2, np.arange(1000.0), np.zeros(1000), left_out=1000)
    assert title_of(Capture(cut, at_us)).endswith("1.00 k points of 2.00 k")
