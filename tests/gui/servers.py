"""Scenarios of the driver with several servers: what is told of each, and what can be asked of one alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lablink_dpg.gui.state import Page
from lablink_dpg.gui.toolkit import dpg
from lablink_dpg.model.commands import ReconnectNow, SetMode
from lablink_dpg.model.link import Mode
from tests.support.synthetic import SERVERS

MIN_WIDTH_PX, MIN_HEIGHT_PX = 1180, 560  # of the window

if TYPE_CHECKING:  # the driver is the program that runs these
    from tests.gui.driver import Driver, Script


def both(driver: Driver) -> Script:
    """Every second stream is of a server that is down: keys and buttons reach all servers, the page's one of them."""
    window, source = driver.window, driver.source
    yield from driver.pass_frames(100)  # until what came at the start is old
    assert [line.is_old for line in window.lines] == [False, True] * 4
    yield from driver.key("r")
    yield from driver.key("m")
    assert source.sent == [ReconnectNow(), SetMode(Mode.WEBSOCKET)]
    assert source.sent_to == ["", ""]
    yield from driver.key("s")
    yield from driver.pass_frames(20)
    for name, command in (("reconnect", ReconnectNow()), ("next mode", SetMode(Mode.WEBSOCKET))):
        button = window.pages.statistics.buttons[f"{name} {SERVERS[1]}"]
        (x, y), (width, height) = dpg.get_item_rect_min(button), dpg.get_item_rect_size(button)
        yield from driver.click(x + width / 2, y + height / 2)
        assert (source.sent[-1], source.sent_to[-1]) == (command, SERVERS[1])
    assert driver.is_live(), "a click on the page is not for the plot below it"


def pages(driver: Driver) -> Script:
    """Pages by key and button, one at a time; the wheel over one scrolls it and nothing below."""

    def page() -> Page:
        return driver.window.state.page

    for key, wanted in (("s", Page.STATISTICS), ("e", Page.LOG), ("F1", Page.HELP)):
        yield from driver.key(key)
        assert page() is wanted
    yield from driver.key("Escape")
    assert page() is Page.NONE
    yield from driver.press_button("log")
    assert page() is Page.LOG
    yield from driver.pass_frames(10)
    yield from driver.wheel(3, x=1200, y=300)
    assert driver.is_live(), "the wheel is for the page"
    yield from driver.press_button("log")
    assert page() is Page.NONE
    yield from driver.wheel(1, x=1200, y=300)
    assert not driver.is_live(), "and now for the plot"


def pages_720(driver: Driver) -> Script:
    """On 720 lines all keys are seen at once, and the statistics can be scrolled to their end."""
    dpg.set_viewport_width(1280)
    dpg.set_viewport_height(720)
    yield from driver.pass_frames(20)
    yield from driver.key("F1")
    yield from driver.pass_frames(20)
    assert dpg.get_y_scroll_max(driver.window.pages.help.item) == 0
    yield from driver.key("s")
    yield from driver.pass_frames(20)
    page = driver.window.pages.statistics.item
    assert dpg.get_y_scroll_max(page) > 0
    (x, y), (width, height) = dpg.get_item_pos(page), dpg.get_item_rect_size(page)
    yield from driver.wheel(-10, x=x + width / 2, y=y + height / 2)
    assert dpg.get_y_scroll(page) == dpg.get_y_scroll_max(page)
    assert driver.is_live(), "the wheel is for the page"


def eight(driver: Driver) -> Script:
    """As many servers as may be watched, in the smallest window: all of the statistics are on the screen."""
    dpg.set_viewport_width(MIN_WIDTH_PX)
    dpg.set_viewport_height(MIN_HEIGHT_PX)
    yield from driver.pass_frames(20)
    yield from driver.key("s")
    yield from driver.pass_frames(20)
    page = driver.window.pages.statistics.item
    (x, y), (width, height) = dpg.get_item_pos(page), dpg.get_item_rect_size(page)
    assert width > 500
    assert x >= 0
    assert x + width <= MIN_WIDTH_PX
    assert y + height <= MIN_HEIGHT_PX
