"""Scenarios of the driver in which values of devices and names of cards are carried into plots with the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lablink_dpg.gui.docking import PanelName
from lablink_dpg.gui.dragging import make_source
from lablink_dpg.gui.panels.equipment import EquipmentPanel
from lablink_dpg.gui.pins import PinnedReading
from lablink_dpg.gui.state import OVERLAY_KEY
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.query.view import TraceRequest
from tests.gui.hands import middle_of
from tests.support.synthetic import SERVERS

if TYPE_CHECKING:  # the driver is the program that runs these
    from tests.gui.driver import Driver, Script

VOLTS = PinnedReading(SERVERS[0], "psu_0", "readings", "voltage_actual")
AMPS = PinnedReading(SERVERS[0], "psu_1", "readings", "current_actual")
VOLTS_TRACE = TraceRequest("readings:psu_0", "voltage_actual")


def row(driver: Driver, pin: PinnedReading, y: int) -> tuple[float, float]:
    """Something that shows a value where a panel would: a point of it."""
    window = dpg.add_window(pos=(10, y), width=220, height=34, min_size=(10, 10), no_title_bar=True, no_move=True)
    item: Item = dpg.add_selectable(label=pin.field, parent=window, width=200)
    make_source(item, pin)
    return 60.0, y + 10.0


def middle(driver: Driver, index: int) -> tuple[float, float]:
    area = driver.plot_area(index)
    return area.x + area.width / 2, area.y + area.height / 2


def header(driver: Driver, index: int) -> tuple[float, float]:
    area = driver.plot_area(index)
    return area.x - 30, area.y - 22


def carry(driver: Driver, start: tuple[float, float], end: tuple[float, float]) -> Script:
    yield from driver.drag(*start, end[0] - start[0], end[1] - start[1])
    yield from driver.pass_frames(4)


def values(driver: Driver) -> Script:
    """A value dropped on a card is a line of it, dropped on free ground it has a card; both can be taken back."""
    window, source = driver.window, driver.source
    volts, amps = row(driver, VOLTS, 620), row(driver, AMPS, 660)
    yield from driver.pass_frames(10)
    yield from carry(driver, volts, middle(driver, 1))
    key = source.ids[1]
    assert dict(window.state.extras) == {key: (VOLTS_TRACE,)}
    assert driver.is_live(), "it was no drag of the plot"
    yield from driver.pass_frames(4)
    own, extra = driver.plot(1).traces
    assert (own.request.stream, extra.request) == (key, VOLTS_TRACE)
    y = extra.y + driver.plot(1).y_origin
    assert np.all((y > 4.6) & (y < 5.4)), "the values that the device sent"
    assert y.size > 50, "also those of before it was dropped"
    yield from carry(driver, volts, middle(driver, 1))
    assert len(window.state.extras[key]) == 1, "once is enough"

    grid = window.grid
    gap = window.centre.x + 4.0, window.centre.y + 8 + grid.cell_height + 4.0  # between two rows of cards
    yield from carry(driver, amps, gap)
    assert window.state.pinned == (AMPS,)
    yield from driver.pass_frames(6)
    assert [line.name for line in window.lines][-1] == "psu_1 · current_actual (A)"
    (trace,) = driver.plot(4).traces
    assert trace.request == TraceRequest("readings:psu_1", "current_actual")
    yield from driver.click(*header(driver, 4))
    assert driver.selected() == (AMPS.key,), "it is selected like any stream"
    yield from driver.click(*header(driver, 4))
    assert driver.selected() == ()

    yield from driver.click(*middle_of(window.cards.card(4).close))
    assert window.state.pinned == ()
    yield from driver.pass_frames(6)
    yield from driver.click(*middle_of(window.cards.card(1).added))
    yield from driver.pass_frames(6)
    yield from driver.click(*middle_of(window.cards.menu.removers[0]))
    assert not window.state.extras
    yield from driver.pass_frames(6)
    assert len(driver.plot(1).traces) == 1
    yield from carry(driver, volts, (500, 20))
    assert not window.state.extras, "nothing is dropped on a bar"
    assert not window.state.pinned


def from_panel(driver: Driver) -> Script:
    """A number of the equipment panel is dragged onto a plot; whatever its device says by then."""
    window = driver.window
    yield from driver.key("ctrl+1")
    yield from driver.pass_frames(20)
    panel = window.docks.panels[PanelName.EQUIPMENT]
    assert isinstance(panel, EquipmentPanel)
    card = panel.card("dev_001")
    assert card is not None
    view = card.values[0]
    gap = window.centre.x + 4.0, window.centre.y + 8 + window.grid.cell_height + 4.0
    yield from driver.move(*middle_of(view.number))
    yield from driver.pass_frames(10)  # until the tooltips and what else has just appeared is laid out
    yield from carry(driver, middle_of(view.number), gap)
    assert window.state.pinned == (PinnedReading(SERVERS[0], "dev_001", "readings", view.field),)


def cards(driver: Driver) -> Script:
    """A card's name carried onto another card shows its channels there; a click on it still selects."""
    window, ids = driver.window, driver.source.ids
    yield from carry(driver, header(driver, 0), middle(driver, 3))
    assert dict(window.state.extras) == {ids[3]: (TraceRequest(ids[0], "CH1"),)}
    assert driver.selected() == (), "it was no click"
    yield from driver.click(*header(driver, 0))
    assert driver.selected() == (ids[0],)
    yield from carry(driver, header(driver, 1), header(driver, 3))
    assert [trace.stream for trace in window.state.extras[ids[3]]] == [ids[0], ids[1]]
    yield from carry(driver, header(driver, 2), middle(driver, 2))
    assert ids[2] not in window.state.extras, "not onto itself"
    yield from driver.move(*middle(driver, 3))
    driver.xdotool("click", 3)
    yield from driver.pass_frames(10)
    yield from driver.click(*middle_of(window.cards.menu.remove_all))
    assert not window.state.extras
    assert driver.is_live()


def overlay(driver: Driver) -> Script:
    """Dropped on the large plot, a value is overlaid beside what is there."""
    window, ids = driver.window, driver.source.ids
    volts = row(driver, VOLTS, 620)
    yield from driver.key("o")
    area = window.overlay.area
    yield from carry(driver, volts, (area.x + 600, area.y + 200))
    assert driver.selected() == (*ids, VOLTS.key)
    yield from driver.pass_frames(6)
    plot = driver.plot()
    assert plot.key == OVERLAY_KEY
    assert [trace.request for trace in plot.traces][-1] == VOLTS_TRACE
    yield from driver.pass_frames(20)
    window.actions.plot_reading(*VOLTS)
    yield from driver.pass_frames(20)
    assert driver.selected() == tuple(ids), "what is gone is selected no more"


def empty(driver: Driver) -> Script:
    """A window without a stream takes values too."""
    volts = row(driver, VOLTS, 620)
    yield from driver.pass_frames(10)
    yield from carry(driver, volts, (900, 300))
    assert driver.window.state.pinned == (VOLTS,)
    yield from driver.pass_frames(6)
    (trace,) = driver.plot().traces
    assert trace.request == VOLTS_TRACE
    assert trace.y.size > 50


def menu(driver: Driver) -> Script:
    """The list of what was added to a card, open."""
    window = driver.window
    window.actions.plot_reading(*AMPS)
    volts = row(driver, VOLTS, 840)
    yield from driver.pass_frames(10)
    for start in (volts, header(driver, 0), header(driver, 1)):
        yield from carry(driver, start, middle(driver, 7))
    yield from driver.move(*middle(driver, 7))
    driver.xdotool("click", 3)
    yield from driver.pass_frames(20)


def picture(driver: Driver) -> Script:
    """Values in plots, and one on its way."""
    window = driver.window
    for pin in (VOLTS, AMPS):
        window.actions.plot_reading(*pin)
    volts, amps = row(driver, VOLTS, 840), row(driver, AMPS, 880)
    yield from driver.pass_frames(10)
    yield from carry(driver, volts, middle(driver, 2))
    yield from carry(driver, amps, middle(driver, 2))
    yield from carry(driver, header(driver, 0), middle(driver, 7))
    yield from driver.move(*volts)
    driver.xdotool("mousedown", 1)
    yield from driver.pass_frames(4)
    yield from driver.move(volts[0] + 30, volts[1])
    yield from driver.move(*middle(driver, 5))
    yield from driver.pass_frames(20)
