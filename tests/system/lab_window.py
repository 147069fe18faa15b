"""``python -m tests.system.lab_window PNG``: a real window, a real link, the demo bench, and hands on two panels.

A benchmark is run and its result shown; a job is run, paused and resumed, and what the server makes of it is shown.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from lablink_dpg.clock import AxisClock
from lablink_dpg.gui.docking import PanelName
from lablink_dpg.gui.panels.diagnostics import DiagnosticsPanel
from lablink_dpg.gui.window import Window
from lablink_dpg.gui.window_options import WindowOptions
from lablink_dpg.link.address import parse_address
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.model.job import RunState
from lablink_dpg.session import Session
from lablink_dpg.sim.process import SimProcess
from tests.gui.driver import Driver, Script
from tests.gui.hands import click_item
from tests.gui.labs import click_row, health_panel, job_panel, open_by_button, told


class LabDriver(Driver):
    def __init__(self, session: Session, picture: Path) -> None:
        self.session = session
        self.window = Window(session, WindowOptions(fps=60, screenshot=picture))

    def until(self, condition: Callable[[], bool]) -> Script:
        """The driver's limit of frames ends it."""
        while not condition():
            self.session.drain()
            yield

    def pass_frames(self, n: int = 8) -> Script:
        for _ in range(n):
            self.session.drain()
            yield


def is_told(panel: DiagnosticsPanel, beginning: str) -> bool:
    return any(text.startswith(beginning) for text in told(panel))


def benchmark(driver: LabDriver) -> Script:
    yield from driver.until(lambda: bool(driver.session.books()[0].health.reports))
    yield from open_by_button(driver, PanelName.DIAGNOSTICS)
    panel = health_panel(driver)
    yield from driver.until(lambda: is_told(panel, "server: ■ its own diagnostics are not available"))
    yield from click_item(driver, panel.button)
    yield from driver.until(lambda: is_told(panel, "benchmark: score 100, 500 commands/s"))
    assert is_told(panel, "… *IDN?: 2 ms")


def job(driver: LabDriver) -> Script:
    book = driver.session.books()[0].jobs
    yield from open_by_button(driver, PanelName.SCHEDULER)
    panel = job_panel(driver)
    yield from driver.until(lambda: len(panel._job_rows) == 1)
    yield from click_row(driver, panel.jobs, panel._job_rows[0].key)
    yield from click_item(driver, panel.buttons["run"])
    yield from driver.until(lambda: [run.state for run in book.executions] == [RunState.COMPLETED])
    yield from driver.until(lambda: panel._run_rows[0].cells[0].text == "✓ completed")
    assert "voltage" in panel._run_rows[0].cells[2].text
    yield from driver.until(lambda: panel.known.text.startswith("● live"))
    for action, shown in (("pause", "‖ paused"), ("resume", "● enabled")):
        yield from click_item(driver, panel.buttons[action])  # type: ignore[index]
        yield from driver.until(lambda shown=shown: panel._job_rows[0].cells[0].text == shown)  # type: ignore[misc]


def script(driver: LabDriver) -> Script:
    yield from benchmark(driver)
    yield from job(driver)


def main() -> None:
    with (
        SimProcess(rate_hz=200.0) as sim,
        Session([parse_address(sim.url)], LinkOptions(), 100_000, AxisClock()) as session,
    ):
        driver = LabDriver(session, Path(sys.argv[1]))
        driver.run(script(driver))
    sys.stdout.write("ok\n")


if __name__ == "__main__":
    main()
