"""Scenarios of the driver with devices' health and scheduled jobs: lists, buttons, what is told, small and large."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lablink_dpg.gui.docking import PanelName
from lablink_dpg.gui.panels.diagnostics import DiagnosticsPanel
from lablink_dpg.gui.panels.rows import Rows
from lablink_dpg.gui.panels.scheduler import SchedulerPanel
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.model.commands import WatchTopics
from lablink_dpg.model.job import Execution, RunState
from lablink_dpg.model.orders import ControlJob, RunBenchmark
from lablink_dpg.model.topic import Topic
from tests.gui.hands import click_item
from tests.support.synthetic import SERVERS
from tests.support.synthetic_lab import SyntheticLab

if TYPE_CHECKING:  # the driver is the program that runs these
    from tests.gui.driver import Driver, Script

WORDS_FRAMES = 30  # at sixty a second: twice the time after which words are made anew


def lab_of(driver: Driver) -> SyntheticLab:
    source = driver.source
    assert isinstance(source, SyntheticLab)
    return source


def click_row(driver: Driver, rows: Rows, key: str) -> Script:
    point = rows.point(key)
    assert point is not None, f"{key} is not on the screen"
    yield from driver.click(*point)


def open_by_button(driver: Driver, name: PanelName) -> Script:
    yield from click_item(driver, driver.window.rail.buttons[name])
    yield from driver.pass_frames(WORDS_FRAMES)


def health_panel(driver: Driver) -> DiagnosticsPanel:
    panel = driver.window.docks.panels[PanelName.DIAGNOSTICS]
    assert isinstance(panel, DiagnosticsPanel)
    return panel


def job_panel(driver: Driver) -> SchedulerPanel:
    panel = driver.window.docks.panels[PanelName.SCHEDULER]
    assert isinstance(panel, SchedulerPanel)
    return panel


def label_of(item: Item) -> str:
    return str(dpg.get_item_configuration(item)["label"])


def told(panel: DiagnosticsPanel | SchedulerPanel) -> list[str]:
    return [f"{fact.name}: {fact.text}" for fact in panel.sheet.shown if fact is not None]


def is_shown(window: Item) -> bool:
    """Of a child window, which has no state of being visible."""
    return bool(dpg.get_item_configuration(window)["show"])


def is_inside(item: Item, dock: Item) -> bool:
    """Whether an item lies in its dock, by places within it; a child window has no other."""
    (x, y), (width, height) = dpg.get_item_pos(item), dpg.get_item_rect_size(item)
    wide, high = dpg.get_item_rect_size(dock)
    return width > 0 and height > 0 and x >= 0 and y >= 0 and x + width <= wide and y + height <= high


def scroll_to_end(rows: Rows) -> Script:
    dpg.set_y_scroll(rows.body, dpg.get_y_scroll_max(rows.body))
    for _ in range(WORDS_FRAMES):
        yield


def diagnostics(driver: Driver) -> Script:
    """A device is selected, a benchmark ordered, its progress and its result are shown."""
    lab = lab_of(driver)
    yield from open_by_button(driver, PanelName.DIAGNOSTICS)
    assert WatchTopics(frozenset({Topic.HEALTH, Topic.SYSTEM})) in lab.sent
    panel = health_panel(driver)
    assert panel.known.text.startswith("◆ polled")
    first = f"{SERVERS[0]} dev_00000003"
    assert panel.selected == first, "the gravest, before anybody has chosen"
    assert "issue: ▲ Equipment is disconnected" in told(panel)
    assert "server: ■ its own diagnostics are not available on this server" in told(panel)
    chosen = f"{SERVERS[0]} dev_00000002"
    yield from click_row(driver, panel.rows, chosen)
    assert panel.selected == chosen
    yield from driver.pass_frames(WORDS_FRAMES)
    yield from click_item(driver, panel.button)
    assert lab.sent[-1] == RunBenchmark("dev_00000002")
    assert lab.sent_to[-1] == SERVERS[0]
    yield from driver.pass_frames(WORDS_FRAMES)
    assert label_of(panel.button) == "Runs …"
    before = dpg.get_value(panel.bar)
    yield from driver.pass_frames(10)
    assert dpg.get_value(panel.bar) != before, "nothing is known of its progress: the bar moves"
    orders = len(lab.sent)
    yield from click_item(driver, panel.button)
    assert len(lab.sent) == orders, "one at a time"
    lab.tell_benchmark("dev_00000002", 0.4)
    yield from driver.pass_frames(4)
    assert abs(dpg.get_value(panel.bar) - 0.4) < 1e-6
    lab.tell_benchmark("dev_00000002", 1.0)
    yield from driver.pass_frames(4)
    assert "… *OPC?: ▲ no answer" in told(panel)
    assert "… *IDN?: 2.37 ms" in told(panel)
    assert label_of(panel.button) == "Run benchmark"
    assert driver.is_live(), "a click on a panel is not for the plot beside it"


def scheduler(driver: Driver) -> Script:
    """A job is selected, run, paused and resumed; its runs are shown, then those of all again."""
    lab = lab_of(driver)
    yield from driver.key("ctrl+5")
    yield from driver.pass_frames(WORDS_FRAMES)
    assert WatchTopics(frozenset({Topic.JOBS, Topic.EXECUTIONS})) in lab.sent
    panel = job_panel(driver)
    assert len(panel._run_lines) == 9
    orders = len(lab.sent)
    yield from click_item(driver, panel.buttons["run"])
    assert len(lab.sent) == orders, "no job is selected"
    yield from click_row(driver, panel.jobs, f"{SERVERS[0]} job_1")
    yield from driver.pass_frames(WORDS_FRAMES)
    assert len(panel._run_lines) == 3
    assert "runs: daily at 08:00" in told(panel)
    yield from click_item(driver, panel.buttons["run"])
    assert lab.sent[-1] == ControlJob("job_1", "run")
    run = Execution("exec_new", "job_1", RunState.RUNNING, lab.now_us())
    lab.books()[0].jobs.take_execution(run, lab.now_us())
    yield from driver.pass_frames(4)
    assert panel._run_rows[0].cells[0].text == "▶ running"
    yield from click_item(driver, panel.buttons["pause"])
    assert lab.sent[-1] == ControlJob("job_1", "pause")
    yield from driver.pass_frames(WORDS_FRAMES)
    assert panel.possible(panel._chosen_job()) == ("run", "resume")
    orders = len(lab.sent)
    yield from click_item(driver, panel.buttons["pause"])
    assert len(lab.sent) == orders, "it is paused"
    yield from click_item(driver, panel.buttons["resume"])
    assert lab.sent[-1] == ControlJob("job_1", "resume")
    yield from click_row(driver, panel.runs, f"{SERVERS[0]} exec_new")
    yield from driver.pass_frames(WORDS_FRAMES)
    assert "run: ▶ running" in told(panel)
    yield from click_item(driver, panel.all_runs)
    yield from driver.pass_frames(WORDS_FRAMES)
    assert len(panel._run_lines) == 10
    assert driver.is_live()


def labs_720(driver: Driver) -> Script:
    """Two panels at the right and two below on 720 lines: all is inside its dock, one list at a time."""
    lab = lab_of(driver)
    dpg.set_viewport_width(1280)
    dpg.set_viewport_height(720)
    yield from driver.pass_frames(20)
    for name in (PanelName.ALARMS, PanelName.ACQUISITIONS, PanelName.DIAGNOSTICS, PanelName.SCHEDULER):
        yield from open_by_button(driver, name)
    jobs, health, windows = job_panel(driver), health_panel(driver), driver.window.docks.windows
    shown = (jobs.jobs.window, *jobs.buttons.values(), jobs.switch)
    assert all(is_inside(item, windows[PanelName.SCHEDULER]) for item in shown)
    assert all(is_inside(item, windows[PanelName.DIAGNOSTICS]) for item in (health.rows.window, health.details))
    assert jobs.is_low
    assert len(jobs.jobs.shown) >= 2
    yield from click_item(driver, jobs.switch)
    yield from driver.pass_frames(WORDS_FRAMES)
    assert is_shown(jobs.runs.window)
    assert not is_shown(jobs.jobs.window)
    assert is_inside(jobs.runs.window, windows[PanelName.SCHEDULER])
    assert is_inside(jobs.switch, windows[PanelName.SCHEDULER])
    yield from click_item(driver, jobs.switch)
    yield from driver.pass_frames(WORDS_FRAMES)
    assert is_shown(jobs.jobs.window)
    assert len(lab.books()) == 2


def labs_500(driver: Driver) -> Script:
    """Five hundred devices and jobs: items for what is on the screen, the last can be scrolled to and selected."""
    for name in (PanelName.DIAGNOSTICS, PanelName.SCHEDULER):
        yield from open_by_button(driver, name)
    health, jobs = health_panel(driver), job_panel(driver)
    items = len(dpg.get_all_items())
    assert items < 4000
    for rows in (health.rows, jobs.jobs):
        yield from scroll_to_end(rows)
        assert rows.shown[-1] == 499
    last = health._devices[-1].key
    yield from click_row(driver, health.rows, last)
    assert health.selected == last
    assert len(dpg.get_all_items()) - items < 300


def labs_0(driver: Driver) -> Script:
    """No devices, no jobs: it is said, and buttons do nothing."""
    lab = lab_of(driver)
    for name in (PanelName.DIAGNOSTICS, PanelName.SCHEDULER):
        yield from open_by_button(driver, name)
    health, jobs = health_panel(driver), job_panel(driver)
    assert not is_shown(health.details)
    orders = len(lab.sent)
    for item in jobs.buttons.values():
        yield from click_item(driver, item)
    assert len(lab.sent) == orders


def labs_shown(driver: Driver) -> Script:
    """For a picture: a benchmark under way, a failed job selected."""
    lab = lab_of(driver)
    for name in (PanelName.DIAGNOSTICS, PanelName.SCHEDULER):
        yield from open_by_button(driver, name)
    lab.tell_benchmark("dev_00000003", 0.4)
    yield from click_row(driver, job_panel(driver).jobs, f"{SERVERS[0]} job_2")
    yield from driver.pass_frames(WORDS_FRAMES)
