"""Scenarios of the driver on the wall: hands on its lanes, its pages, what it shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lablink_dpg.gui import wall_layout
from lablink_dpg.gui.layout import Rect
from lablink_dpg.gui.looks import Looks
from lablink_dpg.gui.toolkit import dpg
from lablink_dpg.model.alarm import Severity
from lablink_dpg.query.frame import WallFrame
from tests.support.marked import FilledBook, alarm

if TYPE_CHECKING:  # the driver is the program that runs these
    from tests.gui.driver import Driver, Script

ALARMED = 7  # stream of the pictures whose device has an open alarm


def wall_of(driver: Driver) -> WallFrame:
    assert driver.frame.wall is not None
    return driver.frame.wall


def plot_of(driver: Driver, index: int) -> Rect:
    return driver.window.wall.plot_of(index)


def middle(driver: Driver, index: int) -> tuple[float, float]:
    area = plot_of(driver, index)
    return area.x + area.width / 2, area.y + area.height / 2


def hands(driver: Driver) -> Script:
    """Its button and its key; wheel, drag, click, double click and Enter on its lanes; search and Escape."""
    window, ids = driver.window, driver.source.ids
    yield from driver.press_button("wall")
    assert window.state.is_wall
    assert driver.frame.plots == ()
    assert len(wall_of(driver).lanes) == len(ids), "every stream is on the screen"
    assert all(trace is not None and trace.x.size > 50 for trace in wall_of(driver).lanes)
    for index in (0, 17, len(ids) - 1):
        yield from driver.move(*middle(driver, index))
        hit = window.hit(*middle(driver, index))
        assert hit is not None
        assert (hit.kind, hit.key) == ("lane", ids[index])
        name = window.lines[index].name
        assert window.wall_tip.text.startswith(name), "the lane under the mouse is told in full"
        assert "kS/s" in window.wall_tip.text or "S/s" in window.wall_tip.text

    x, y = middle(driver, 5)
    yield from driver.wheel(1, x=x, y=y)
    assert not driver.is_live()
    assert window.state.time.span_us == 8_000_000
    held_us = driver.frame.right_us
    yield from driver.pass_frames(20)
    assert driver.frame.right_us == held_us
    assert wall_of(driver).changed == (), "nothing is done for a view that stands still"
    yield from driver.drag(x, y, 60, 0)
    moved_us = held_us - driver.frame.right_us
    assert abs(moved_us - 60 / plot_of(driver, 5).width * 8_000_000) < 2 * 8_000_000 / plot_of(driver, 5).width
    assert driver.selected() == (), "a drag is no click"
    yield from driver.key("End")
    assert driver.is_live()
    driver.xdotool("keydown", "ctrl")
    yield from driver.wheel(1, x=x, y=y)
    driver.xdotool("keyup", "ctrl")
    yield from driver.pass_frames(4)
    assert driver.is_live(), "a lane has no value axis to zoom"
    assert not window.state.y_ranges

    yield from driver.click(*middle(driver, 3))
    assert driver.selected() == (ids[3],)
    assert driver.is_live(), "a click is no drag"
    yield from driver.pass_frames(40)  # or the two would be a double click
    yield from driver.click(*middle(driver, 3))
    assert driver.selected() == ()
    driver.xdotool("click", 3)
    yield from driver.pass_frames(6)
    assert not dpg.is_item_shown(window.cards.menu.window), "there is no card whose menu it could be"
    yield from driver.move(*middle(driver, 8))
    driver.xdotool("click", "--repeat", 2, "--delay", 60, 1)
    yield from driver.pass_frames(12)
    assert driver.is_overlaid()
    assert driver.selected() == (ids[8],)
    assert {trace.request.stream for trace in driver.plot().traces} == {ids[8]}
    assert window.wall_tip.text == ""
    yield from driver.key("Escape")
    assert not driver.is_overlaid()
    assert window.state.is_wall, "back to the wall"
    yield from driver.key("Escape")
    assert driver.selected() == ()
    yield from driver.move(*middle(driver, 9))
    yield from driver.key("Return")
    assert driver.is_overlaid()
    assert driver.selected() == (ids[9],)
    yield from driver.key("w")
    assert not driver.is_overlaid()
    assert window.state.is_wall

    yield from driver.press_button("filter")
    driver.xdotool("type", "scope")
    yield from driver.pass_frames(12)
    assert len(wall_of(driver).lanes) == sum("Scope" in line.name for line in window.lines) == len(ids) // 4
    yield from driver.key("Escape")  # ends the writing
    window.actions.filter_streams("no such stream")
    yield from driver.pass_frames(6)
    assert driver.frame.wall is None, "and the page for nothing is shown"
    window.actions.filter_streams("")
    yield from driver.move(*middle(driver, 2))
    yield from driver.key("w")
    assert not window.state.is_wall
    assert driver.frame.wall is None
    assert len(driver.frame.plots) > 0


def changes(driver: Driver) -> Script:
    """Lines are handed over where something came, and are of the right lane after the wall has another shape."""
    window, source = driver.window, driver.source
    window.actions.toggle_wall()
    yield from driver.pass_frames(12)
    items = len(dpg.get_all_items())
    uploaded = []
    for _ in range(12):
        yield
        uploaded.append(window.wall.uploaded)
    assert max(uploaded) > 0
    assert min(uploaded) == 0, "between two messages nothing is handed over"
    dpg.set_viewport_width(1300)
    yield from driver.pass_frames(20)
    assert window.wall.shape.columns >= 1
    dpg.set_viewport_width(1600)
    yield from driver.pass_frames(20)
    window.actions.filter_streams("supply")
    yield from driver.pass_frames(10)
    window.actions.filter_streams("")
    yield from driver.pass_frames(20)
    assert abs(len(dpg.get_all_items()) - items) < 150, "another shape makes few items"
    for index in range(len(source.ids)):
        shown = _handed_over(driver, index)
        trace = wall_of(driver).lanes[index]
        assert trace is not None
        assert np.allclose(shown[0], trace.x + (trace.x_origin_us - wall_of(driver).x_origin_us) * 1e-6, atol=1e-3)
        low, high = trace.y_limits
        share = (trace.ys[0] - low) / (high - low)
        assert np.corrcoef(shown[1], share)[0, 1] > 0.9999
        bottom = window.wall.shape.rows - 1 - index % window.wall.shape.rows
        assert shown[1].min() >= bottom
        assert shown[1].max() <= bottom + 1, "a lane stays in its lane"


def _handed_over(driver: Driver, index: int) -> tuple[np.ndarray, np.ndarray]:
    """What the library has of the first line of a stream."""
    wall = driver.window.wall
    column = wall._columns[index // wall.shape.rows]
    bottom = wall.shape.rows - 1 - index % wall.shape.rows
    for item in column._series.values():
        if dpg.is_item_shown(item):
            x, y = (np.array(each) for each in dpg.get_value(item)[:2])
            inside = (y >= bottom) & (y <= bottom + 1)
            if inside.any():
                return x[inside], y[inside]
    raise AssertionError(f"stream {index} is nowhere")


def paged(driver: Driver) -> Script:
    """More streams than a page has room for: Page Down, Page Up, and Shift with the wheel turn it."""
    window, ids = driver.window, driver.source.ids
    window.set_looks(replace(window.looks, scale=2.0))
    window.actions.toggle_wall()
    yield from driver.pass_frames(20)
    shape = window.wall.shape
    assert shape.pages > 1
    assert [lane.stream for lane in driver.source.asked[-1].wall.lanes] == ids[: shape.page_size]  # type: ignore[union-attr]
    yield from driver.key("Next")
    assert window.wall.shape.page == 1
    assert driver.source.asked[-1].wall.lanes[0].stream == ids[shape.page_size]  # type: ignore[union-attr]
    x, y = middle(driver, shape.page_size)
    hit = window.hit(x, y)
    assert hit is not None
    assert hit.key == ids[shape.page_size], "what is drawn there is what the mouse finds there"
    for _ in range(shape.pages):
        yield from driver.key("Next")
    assert window.wall.shape.page == shape.pages - 1
    assert wall_of(driver).lanes[-1] is not None
    for _ in range(shape.pages):
        yield from driver.key("Prior")
    assert window.wall.shape.page == 0
    driver.xdotool("keydown", "shift")
    yield from driver.wheel(-1, x=800, y=500)
    driver.xdotool("keyup", "shift")
    assert window.wall.shape.page == 1
    assert driver.is_live(), "turning a page does not unpin"


def recoloured(driver: Driver) -> Script:
    """Silent streams lose their colour, and the looks may change while the wall is shown."""
    window = driver.window
    window.actions.toggle_wall()
    yield from driver.pass_frames(80)  # a stream is silent for a second before it is called old
    looks = window.wall._looks
    assert [look.is_dim for look in looks] == [index % 5 == 4 and index // 5 % 4 != 2 for index in range(len(looks))]
    assert [look.is_lossy for look in looks] == [index % 4 == 1 for index in range(len(looks))]
    window.set_looks(Looks(scale=1.25))
    yield from driver.pass_frames(30)
    assert len(window.wall._looks) == len(driver.source.ids)
    shown = _handed_over(driver, 0)
    assert shown[0].size > 50


def seen(driver: Driver) -> Script:
    """For a picture: a held view, one stream selected, one with an alarm."""
    window = driver.window
    window.actions.toggle_wall()
    driver.source.alarm_book = book = FilledBook()
    now_us = driver.source.now_us()
    book.fill(alarm(1, now_us - 2_000_000, severity=Severity.CRITICAL, equipment_id=f"eq_{ALARMED}"))
    yield from driver.move(40, 980)
    yield from driver.pass_frames(30)
    window.actions.toggle_live()
    yield from driver.pass_frames(30)
    assert wall_of(driver).severities[ALARMED] is Severity.CRITICAL


def shape_of(count: int, width: int, height: int) -> wall_layout.Wall:
    """In a window of that size."""
    from lablink_dpg.gui import layout

    return wall_layout.wall(count, width - layout.RAIL_PX, height - layout.TOOLBAR_PX - layout.STATUS_PX)
