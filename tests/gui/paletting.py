"""Scenarios of the command palette, the docks and their keys."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from lablink_dpg.gui.docking import PanelName
from lablink_dpg.gui.state import Page
from lablink_dpg.gui.toolkit import dpg

if TYPE_CHECKING:
    from tests.gui.driver import Driver

Script = Generator[None, None, None]


def palette(driver: Driver) -> Script:
    """Ctrl+K, some letters, Enter: it is done. Up, Down, Esc and a click do what they do everywhere."""
    window = driver.window
    yield from driver.move(*driver.middle(0))
    yield from driver.key("ctrl+k")
    assert window.palette.is_shown
    driver.xdotool("type", "live sol")
    yield from driver.pass_frames(10)
    assert window.palette.found == [], "letters are for the field, not for the view"
    assert driver.is_live()
    assert not driver.is_overlaid()
    yield from driver.key("ctrl+a")
    driver.xdotool("type", "mode poll")
    yield from driver.pass_frames(10)
    assert window.palette.found[0].title == "Mode polling"
    yield from driver.key("Return")
    assert not window.palette.is_shown
    assert [type(each).__name__ for each in driver.source.sent if type(each).__name__ == "SetMode"] == ["SetMode"]

    yield from driver.key("ctrl+k")
    driver.xdotool("type", "log of")
    yield from driver.pass_frames(10)
    yield from driver.key("Down")
    yield from driver.key("Up")
    yield from driver.key("Return")
    assert window.state.page is Page.LOG
    yield from driver.key("ctrl+k")
    yield from driver.key("Escape")
    assert not window.palette.is_shown
    assert window.state.page is Page.LOG, "Esc leaves one thing"
    yield from driver.key("Escape")
    assert window.state.page is Page.NONE

    yield from driver.key("ctrl+k")
    driver.xdotool("type", "scheduler: open")
    yield from driver.pass_frames(10)
    (x, y), (width, height) = dpg.get_item_rect_min(window.palette.lines[0]), (100, 14)
    yield from driver.click(x + width / 2, y + height / 2)
    assert window.state.docks.opened == (PanelName.SCHEDULER,)
    yield from driver.key("ctrl+3")
    assert window.state.docks.opened == (PanelName.SCHEDULER, PanelName.ALARMS)
    yield from driver.key("3")
    yield from driver.key("ctrl+3")
    assert window.state.docks.opened == (PanelName.SCHEDULER,)
