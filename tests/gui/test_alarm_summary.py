"""What is told of alarms beside their panel, without a window."""

from __future__ import annotations

from lablink_dpg.gui import alarm_summary
from lablink_dpg.gui.alarm_rows import Key
from lablink_dpg.gui.palette import Tone
from lablink_dpg.model.alarm import AlarmState, Severity
from tests.gui.test_alarm_rows import LINK, NOW_US, book
from tests.support import alarming


def test_the_bar_tells_of_the_oldest_critical_one_that_nobody_has_seen() -> None:
    one = book()
    assert alarm_summary.bar([one], [LINK]) is None
    one.alarms.take_told(alarming.event("error", Severity.ERROR, NOW_US - 9), NOW_US)
    assert alarm_summary.bar([one], [LINK]) is None
    for number, event_id in enumerate(("old", "new", "newest")):
        one.alarms.take_told(alarming.event(event_id, Severity.CRITICAL, NOW_US - 5 + number), NOW_US)
    bar = alarm_summary.bar([one], [LINK])
    assert bar == (
        Key(LINK.server, "old"),
        "■ CRITICAL  Critical voltage · PSU bench 2 · voltage 9.5 | 5",
        "and 2 more",
    )
    for event_id in ("old", "new"):
        one.alarms.take_update(event_id, AlarmState.ACKNOWLEDGED, NOW_US)
    bar = alarm_summary.bar([one], [LINK])
    assert bar is not None
    assert (bar.key.event_id, bar.more) == ("newest", "")
    one.alarms.take_update("newest", AlarmState.CLEARED, NOW_US)
    assert alarm_summary.bar([one], [LINK]) is None


def test_the_badge_counts_what_is_open_in_the_look_of_the_gravest_that_nobody_has_seen() -> None:
    one = book()
    assert alarm_summary.badge([one]) is None
    one.alarms.take_told(alarming.event("a", Severity.CRITICAL, NOW_US), NOW_US)
    one.alarms.take_told(alarming.event("b", Severity.WARNING, NOW_US), NOW_US)
    assert alarm_summary.badge([one]) == ("■ 2", Tone.BAD)
    one.alarms.take_update("a", AlarmState.ACKNOWLEDGED, NOW_US)
    assert alarm_summary.badge([one]) == ("△ 2", Tone.WARN)
    one.alarms.take_update("b", AlarmState.ACKNOWLEDGED, NOW_US)
    assert alarm_summary.badge([one]) == ("✓ 2", Tone.MUTED)
