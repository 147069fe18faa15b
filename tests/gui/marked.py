"""Scenarios of the driver with alarms: they stand where their times say, and say what they are under the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lablink_dpg.model.alarm import AlarmRule, Severity
from tests.support.marked import FilledBook, alarm, many

if TYPE_CHECKING:  # the driver is the program that runs these
    from tests.gui.driver import Driver, Script

OPEN_SHARE, OVER_SHARES = 0.7, (0.2, 0.5)  # of the width, where the alarms of the picture rise and end
LIMIT_SHARE = 0.3  # of the height from above, where its threshold is


def _times(driver: Driver) -> tuple[int, int]:
    frame = driver.frame
    return frame.left_us, frame.right_us - frame.left_us


def placed(driver: Driver) -> Script:
    """A held view with an open critical alarm of the first device, one of the second that is over, and a threshold."""
    driver.source.alarm_book = book = FilledBook()
    driver.window.actions.toggle_live()
    yield from driver.pass_frames(20)
    left_us, span_us = _times(driver)
    low, high = driver.plot(0).y_limits
    value = high - LIMIT_SHARE * (high - low) + driver.plot(0).y_origin
    begin, end = (left_us + round(share * span_us) for share in OVER_SHARES)
    book.fill(
        alarm(1, left_us + round(OPEN_SHARE * span_us), severity=Severity.CRITICAL, equipment_id="eq_0"),
        alarm(2, begin, end, severity=Severity.INFO, equipment_id="eq_1"),
    )
    book.rules = {"r": AlarmRule("r", "Limit", "eq_0", "CH1", "greater_than", Severity.WARNING, True, (value,))}
    yield from driver.pass_frames(20)
    assert [len(plot.marks) for plot in driver.frame.plots] == [1, 1, 0, 0]
    assert [len(plot.thresholds) for plot in driver.frame.plots] == [1, 0, 0, 0]


def pointed_at(driver: Driver) -> Script:
    """Under the mouse an alarm says what it is, a threshold what it is; beside them nothing is said."""
    yield from placed(driver)
    tip, area = driver.window.mark_tip, driver.plot_area(0)
    for _ in range(2):
        yield from driver.move(area.x + OPEN_SHARE * area.width, area.y + 0.6 * area.height)
        assert tip.saying is not None
        assert tip.saying.heading == "■ critical  Load current high 1"
        assert "current 2.13" in tip.saying.text
        yield from driver.move(area.x + 0.4 * area.width, area.y + LIMIT_SHARE * area.height)
        assert tip.saying is not None
        assert tip.saying.heading == "△ warning  Limit"
        yield from driver.move(area.x + 0.4 * area.width, area.y + 0.6 * area.height)
        assert tip.saying is None
    held = driver.window.state.time
    yield from driver.drag(area.x + OPEN_SHARE * area.width, area.y + 0.6 * area.height, 60, 0)
    assert driver.window.state.time != held, "the words are in nobody's way"
    yield from driver.move(area.x + OPEN_SHARE * area.width + 60, area.y + 0.6 * area.height)
    assert tip.saying is not None, "the mark has moved with the plot"
    driver.source.alarm_book = None
    yield from driver.pass_frames(6)
    assert tip.saying is None


def crowded(driver: Driver) -> Script:
    """Sixty alarms in every plot come, are drawn, and go while the window lives on."""
    now_us = driver.source.now_us()
    events = [
        each for number in range(driver.source.streams) for each in many(60, now_us - 9_000_000, now_us, f"eq_{number}")
    ]
    driver.source.alarm_book = book = FilledBook(*events)
    yield from driver.pass_frames(60)
    assert {len(plot.marks) for plot in driver.frame.plots} == {60}
    book.fill()
    yield from driver.pass_frames(10)
    assert not any(plot.marks for plot in driver.frame.plots)
    book.fill(*events)
    yield from driver.pass_frames(10)
