"""Scenario of the driver with servers that are exchanged while panels are open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lablink_dpg.books.lab import LabBook
from lablink_dpg.gui.docking import PanelName
from lablink_dpg.gui.panels.alarms import SERVER, AlarmsPanel
from lablink_dpg.gui.panels.diagnostics import DiagnosticsPanel
from lablink_dpg.gui.panels.equipment import EquipmentPanel
from lablink_dpg.gui.panels.scheduler import SchedulerPanel
from lablink_dpg.gui.toolkit import dpg
from lablink_dpg.model.alarm import AlarmEvent, AlarmState, Severity
from lablink_dpg.model.link import LinkState, LinkStatus
from lablink_dpg.model.orders import Discover
from tests.gui.hands import click_item
from tests.gui.labs import WORDS_FRAMES
from tests.support.synthetic import SERVERS
from tests.support.synthetic_lab import SyntheticLab

if TYPE_CHECKING:  # the driver is the program that runs these
    from tests.gui.driver import Driver, Script


@dataclass
class Exchanging(SyntheticLab):
    """Two servers that are alike, lists and revisions and all; those whose numbers are ``present`` are watched."""

    present: tuple[int, ...] = (0, 1)

    def __post_init__(self) -> None:
        self.others = (LinkState.STREAMING,)
        super().__post_init__()
        alarm = AlarmEvent("event", "rule", "Hot", Severity.ERROR, AlarmState.ACTIVE, "psu", "t", 61.0, 60.0, "", 1)
        for book in self.labs:
            book.alarms.take_open([alarm], 1)
        self.present = (0,)

    def links(self) -> Sequence[LinkStatus]:
        links = super().links()
        return [links[number] for number in self.present]

    def books(self) -> Sequence[LabBook]:
        books = super().books()
        return [books[number] for number in self.present]


def source(devices: int) -> Exchanging:
    return Exchanging(streams=2, devices=devices, jobs=1)


def shown_servers_of(driver: Driver, name: PanelName) -> set[str]:
    panel = driver.window.docks.panels[name]
    if isinstance(panel, AlarmsPanel):
        return {line.key.server for line in panel._lines}
    if isinstance(panel, DiagnosticsPanel):
        return {device.server for device in panel._devices}
    assert isinstance(panel, SchedulerPanel)
    return {line.server for line in panel._job_lines}


def has_server_column(driver: Driver) -> bool:
    alarms = driver.window.docks.panels[PanelName.ALARMS]
    assert isinstance(alarms, AlarmsPanel)
    return alarms.rows._widths[SERVER] > 0


def lines(driver: Driver) -> Script:
    """No panel keeps the lines of a server that is gone, and alarms tell the server where there are several."""
    lab = driver.source
    assert isinstance(lab, Exchanging)
    for name in (PanelName.ALARMS, PanelName.SCHEDULER, PanelName.DIAGNOSTICS):
        driver.window.actions.open_panel(name)
        yield from driver.pass_frames(WORDS_FRAMES)
        assert shown_servers_of(driver, name) == {SERVERS[0]}
    assert not has_server_column(driver)
    for present in ((1,), (0, 1), (0,)):
        lab.present = present
        for name in (PanelName.ALARMS, PanelName.SCHEDULER, PanelName.DIAGNOSTICS):
            driver.window.actions.open_panel(name)
            yield from driver.pass_frames(WORDS_FRAMES)
            assert shown_servers_of(driver, name) == {SERVERS[number] for number in present}
        assert has_server_column(driver) == (len(present) > 1)


def search(driver: Driver) -> Script:
    """Servers without devices are exchanged: it is the new one that searches and connects."""
    lab = driver.source
    assert isinstance(lab, Exchanging)
    driver.window.actions.open_panel(PanelName.EQUIPMENT)
    yield from driver.pass_frames(WORDS_FRAMES)
    panel = driver.window.docks.panels[PanelName.EQUIPMENT]
    assert isinstance(panel, EquipmentPanel)
    for present, has_choice in (((0,), False), ((1,), False), ((1, 0), True), ((0,), False)):
        lab.present = present
        yield from driver.pass_frames(WORDS_FRAMES)
        yield from click_item(driver, panel.discover)
        assert (lab.sent[-1], lab.sent_to[-1]) == (Discover(), panel._chosen())
        assert panel._chosen() in {SERVERS[number] for number in present}
        assert bool(dpg.get_item_configuration(panel.server)["show"]) == has_choice
