"""Scenarios of the command palette, the docks and their keys."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from lablink_dpg.gui.commands import AGAIN
from lablink_dpg.gui.docking import PanelName, Place
from lablink_dpg.gui.panels.command_palette import CommandPalette
from lablink_dpg.gui.state import Page
from lablink_dpg.gui.toolkit import dpg
from lablink_dpg.model.orders import ControlAcquisition
from tests.gui.hands import click_item

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

    for number in range(8):  # tapped, both keys are up again before the next frame
        yield from driver.key("ctrl+4")
        assert (PanelName.DIAGNOSTICS in window.state.docks.opened) is (number % 2 == 0), f"tap {number} was lost"


def asked_twice(driver: Driver) -> Script:
    """What ends something is done by the second Enter, or click; moving and typing in between forget the first."""
    window, sent = driver.window, driver.source.sent
    yield from driver.key("ctrl+k")
    driver.xdotool("type", "stop acq")
    yield from driver.pass_frames(10)
    assert len(window.palette.found) == 4

    def orders() -> list[ControlAcquisition]:
        return [each for each in sent if isinstance(each, ControlAcquisition)]

    for between in (("Down", "Up"), ("space", "BackSpace"), ()):
        yield from driver.key("Return")
        assert window.palette.is_shown
        assert said(window.palette) == [AGAIN, "", "", ""]
        for key in between:
            yield from driver.key(key)
            assert said(window.palette) == [""] * 4
        assert orders() == []
    yield from driver.key("Return")
    assert not window.palette.is_shown
    assert orders() == [ControlAcquisition(driver.source.ids[0], "stop", "Scope 1")]

    yield from driver.key("ctrl+k")
    driver.xdotool("type", "stop acq")
    yield from driver.pass_frames(10)
    assert said(window.palette) == [""] * 4
    yield from click_item(driver, window.palette.lines[1])
    assert said(window.palette) == ["", AGAIN, "", ""]
    yield from click_item(driver, window.palette.lines[2])
    assert said(window.palette) == ["", "", AGAIN, ""], "another one is asked for anew"
    assert len(orders()) == 1
    yield from click_item(driver, window.palette.lines[2])
    assert not window.palette.is_shown
    assert [each.acquisition_id for each in orders()] == [driver.source.ids[0], driver.source.ids[2]]


def asked_shown(driver: Driver) -> Script:
    """For a picture."""
    yield from driver.key("ctrl+k")
    driver.xdotool("type", "stop acq")
    yield from driver.pass_frames(10)
    yield from driver.key("Down")
    yield from driver.key("Down")
    yield from driver.key("Return")


def said(shown: CommandPalette) -> list[str]:
    """At the right of each line."""
    return [dpg.get_value(key) for _, _, key in shown._lines[: len(shown.found)]]


def docks(driver: Driver) -> Script:
    """Tabs are dragged to other places, edges resize, tabs in one place are switched, the cross closes."""
    window = driver.window
    for key in ("ctrl+1", "ctrl+3", "ctrl+5"):
        yield from driver.key(key)
    state = window.state.docks
    assert [state.shown(place) for place in (Place.LEFT_TOP, Place.RIGHT_TOP, Place.BOTTOM_RIGHT)] == [
        PanelName.EQUIPMENT,
        PanelName.ALARMS,
        PanelName.SCHEDULER,
    ]
    tab = window.docks.bars[Place.RIGHT_TOP].tabs[PanelName.ALARMS]
    (x, y), (width, height) = dpg.get_item_rect_min(tab), dpg.get_item_rect_size(tab)
    area = window.dock_area
    to_x, to_y = area.x + area.width * 0.4, area.y + area.height * 0.9
    yield from driver.drag(x + width / 2, y + height / 2, to_x - x - width / 2, to_y - y - height / 2)
    assert window.state.docks.places[PanelName.ALARMS] is Place.BOTTOM_LEFT
    assert window.state.docks.at(Place.RIGHT_TOP) == ()
    assert driver.is_live(), "what was dragged was a panel, not time"

    before = window.centre
    yield from driver.drag(before.x - 3, area.y + 400, 90, 0)
    assert abs(window.centre.x - before.x - 90) <= 8
    before = window.centre
    yield from driver.drag(before.x + 200, before.y + before.height + 3, 0, -60)
    assert abs(window.centre.height - before.height + 60) <= 8
    assert driver.is_live()

    window.actions.move_panel(PanelName.SCHEDULER, Place.BOTTOM_LEFT)
    yield from driver.pass_frames(6)
    assert window.state.docks.shown(Place.BOTTOM_LEFT) is PanelName.SCHEDULER
    yield from click_item(driver, window.docks.bars[Place.BOTTOM_LEFT].tabs[PanelName.ALARMS])
    assert window.state.docks.shown(Place.BOTTOM_LEFT) is PanelName.ALARMS
    yield from click_item(driver, window.docks.bars[Place.BOTTOM_LEFT].close)
    assert window.state.docks.at(Place.BOTTOM_LEFT) == (PanelName.SCHEDULER,)
    yield from click_item(driver, window.rail.buttons[PanelName.SCHEDULER])
    assert window.state.docks.opened == (PanelName.EQUIPMENT,)
