"""Which thresholds belong on which axis is decided by names, and in doubt against it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.query.quantities import is_same


@pytest.mark.parametrize(
    ("parameter", "channel"),
    [
        ("voltage", "voltage"),
        ("Voltage", "VOLTAGE"),
        ("voltage", "voltage_actual"),
        ("voltage_actual", "voltage"),
        ("current", "current_actual"),
        ("output current", "Current"),
        ("power", "Watts"),
        ("CH1", "ch1"),
        ("vpp", "Vpp"),
        ("voltage_set", "Voltage Set"),
        ("voltage", "CH2 voltage"),
        ("ch1_voltage", "voltage_actual_ch1"),
        ("Channel 01 voltage", "ch1-voltage"),
        ("Ω", "ω"),
    ],
)
def test_the_same_quantity_by_another_name(parameter: str, channel: str) -> None:
    assert is_same(parameter, channel)


@pytest.mark.parametrize(
    ("parameter", "channel"),
    [
        ("current", "voltage"),
        ("current", "CH1"),
        ("voltage", "CH1"),
        ("voltage", "voltage_set"),
        ("vpp", "vrms"),
        ("ch1_voltage", "ch2_voltage"),
        ("ch1_voltage", "voltage"),
        ("ch1_current", "ch1_voltage"),
        ("A", "current"),
        ("", ""),
        ("_", "-"),
        ("", "voltage"),
    ],
)
def test_what_is_or_may_be_another_quantity(parameter: str, channel: str) -> None:
    assert not is_same(parameter, channel)


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_is_a_name(parameter: str, channel: str) -> None:
    assert is_same(parameter, channel) in (True, False)
