"""Texts for the desktop: short, plain, of fields only."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.model.alarm import Severity
from lablink_dpg.model.health import Health, HealthStatus
from lablink_dpg.notify.message import MAX_TEXT, Message, of_alarm, of_health, plain
from tests.support.marked import alarm

SERVER = "labserver:8000"


def test_an_alarm_is_told_with_value_threshold_device_and_server() -> None:
    event = alarm(1, 0, severity=Severity.CRITICAL, threshold=1.8, equipment_id="load_1")
    assert of_alarm(SERVER, event) == Message(
        "Critical: Load current high 1", "current 2.13 (threshold 1.8) · load_1 · labserver:8000", is_urgent=True
    )


def test_what_an_alarm_does_not_say_is_left_out() -> None:
    event = replace(alarm(1, 0), name="", parameter="", value=None, equipment_id="")
    assert of_alarm(SERVER, event) == Message("Warning: alarm_1", "labserver:8000", is_urgent=True)


def test_the_text_that_a_server_makes_up_is_not_repeated() -> None:
    """It may hold anything, also what was given to the server in confidence."""
    event = replace(alarm(1, 0), message="token=s3cret", note="s3cret", acknowledged_by="s3cret")
    told = of_alarm(SERVER, event)
    assert "s3cret" not in told.title + told.text
    health = Health("load_1", HealthStatus.WARNING, 61.5, 0, last_error="GET /?token=s3cret")
    assert "s3cret" not in of_health(SERVER, health).text


def test_health_is_told_with_its_score_and_the_first_issue() -> None:
    health = Health("scope_1", HealthStatus.CRITICAL, 41.0, 0, issues=("no answer", "too hot"))
    told = of_health(SERVER, health)
    assert told == Message(
        "Health critical: scope_1", "health score 41 of 100 · no answer · labserver:8000", is_urgent=True
    )
    assert not of_health(SERVER, replace(health, status=HealthStatus.WARNING)).is_urgent
    assert of_health(SERVER, Health("x", HealthStatus.WARNING, None, 0)).text == SERVER


@given(st.text(max_size=400))
def test_any_text_becomes_one_printable_line_without_markup(text: str) -> None:
    line = plain(text)
    assert len(line) <= MAX_TEXT
    assert line.isprintable()
    assert "<" not in line
    assert plain(line) == line
