"""What was typed becomes an order, or one line that names the field."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.gui.acquisition_draft import Complaint, DeviceKey, Draft, Wanted, number_of, read
from lablink_dpg.model.orders import CreateAcquisition

DEVICES = {"Scope": DeviceKey("lab:8000", "scope_1", "MockScope-2000")}
GOOD = Draft(device="Scope", name="Run 1", channels="CH1, CH2")


def order(**typed: str) -> CreateAcquisition:
    answer = read(replace(GOOD, **typed), DEVICES)
    assert isinstance(answer, Wanted), answer
    assert answer.server == "lab:8000"
    return answer.order


def test_what_is_there_at_first_needs_a_device_only() -> None:
    assert read(Draft(device="Scope"), DEVICES) == Wanted(
        CreateAcquisition("scope_1", "MockScope-2000", 1000.0, ("CH1",)), "lab:8000"
    )


def test_everything_that_can_be_typed() -> None:
    wanted = order(
        name="  Run 1 ", rate="10k", duration="2.5", samples="5k", buffer="1M", mode="single shot", channels="A;B ,C"
    )
    assert wanted == CreateAcquisition(
        "scope_1", "Run 1", 10_000.0, ("A", "B", "C"), "single_shot", 1_000_000, 5000, 2.5
    )


def test_a_trigger_is_of_the_triggered_mode_only() -> None:
    typed = {"trigger": "edge", "source": "CH2", "level": "-0.5", "edge": "falling", "before": "20"}
    assert order(**typed).trigger == {}
    assert order(mode="triggered", **typed).trigger == {
        "trigger_type": "edge",
        "level": -0.5,
        "edge": "falling",
        "channel": "CH2",
        "pre_trigger_samples": 20,
    }
    level = order(mode="triggered", trigger="level").trigger
    assert (level["trigger_type"], level["channel"], level["edge"]) == ("level", "CH1", None)


@pytest.mark.parametrize(
    ("typed", "field", "text"),
    [
        ({"device": "Load"}, "device", "Device: choose one"),
        ({"name": "x" * 101}, "name", "Name: at most 100 letters, in one line"),
        ({"rate": "abc"}, "rate", "Rate: 'abc' is not a number"),
        ({"rate": " "}, "rate", "Rate: a number is missing"),
        ({"rate": "2M"}, "rate", "Rate: 2000000, must be from 0.001 to 1000000 S/s"),
        ({"rate": "nan"}, "rate", "Rate: 'nan' is not a number"),
        ({"channels": " ,"}, "channels", "Channels: name at least one, as CH1, CH2"),
        ({"channels": "CH1,,CH2"}, "channels", "Channels: a name is missing between two commas"),
        ({"channels": "CH1, CH1"}, "channels", "Channels: CH1 is there twice"),
        ({"channels": ",".join(map(str, range(65)))}, "channels", "Channels: 65, at most 64"),
        ({"duration": "0"}, "duration", "Duration: 0, must be from 0.001 to 31536000 s"),
        ({"samples": "2.5"}, "samples", "Samples: 2.5 is not a whole number"),
        ({"buffer": "0"}, "buffer", "Buffer: 0, must be from 1 to 10000000 samples"),
        ({"buffer": "1e9"}, "buffer", "Buffer: 1000000000, must be from 1 to 10000000 samples"),
        ({"mode": "single shot"}, "samples", "Samples: a single shot needs a number of samples, or a duration"),
        ({"mode": "triggered", "source": "CH9"}, "source", "Trigger on: CH9 is not one of the channels"),
        ({"mode": "triggered", "level": ""}, "level", "Level: a number is missing"),
        ({"mode": "triggered", "before": "20k"}, "before", "Before: 20000, must be from 0 to 10000 samples"),
    ],
)
def test_what_makes_no_sense_is_one_line_that_names_the_field(typed: dict[str, str], field: str, text: str) -> None:
    assert read(replace(GOOD, **typed), DEVICES) == Complaint(field, text)


def test_without_any_device_that_is_what_is_said() -> None:
    assert read(GOOD, {}) == Complaint("device", "Device: no server has any")


@pytest.mark.parametrize(
    ("text", "value"),
    [("1000", 1e3), (" 2.5 M", 2.5e6), ("10k", 1e4), ("-3", -3.0), ("1e3", 1e3)],
)
def test_numbers_as_engineers_write_them(text: str, value: float) -> None:
    assert number_of(text) == value


@pytest.mark.parametrize("text", ["", "k", "1,5", "1_000", "inf", "1e999", "infk", "0x10", "1 0"])
def test_what_is_no_number(text: str) -> None:
    assert number_of(text) is None


@given(st.builds(Draft, **{f.name: st.text(max_size=12) for f in fields(Draft) if f.type == "str"}))
def test_whatever_is_typed_is_an_order_or_a_complaint_in_one_line(draft: Draft) -> None:
    names = {f.name for f in fields(Draft)}
    for device in (draft.device, "Scope"):
        for mode in (draft.mode, "continuous", "single shot", "triggered"):
            answer = read(replace(draft, device=device, mode=mode), DEVICES)
            if isinstance(answer, Complaint):
                assert answer.field in names
                assert answer.text
