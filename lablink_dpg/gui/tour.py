"""A walk of the window through its panels and main states, with a picture of each: for the README and for review.

It does what a person could do, by the same actions, and waits until what is shown has settled. What only a simulator
can do for it, an alarm and a server that goes away, is asked of ``stage``; without one those stops are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from lablink_dpg.gui import screenshot, state
from lablink_dpg.gui.docking import Docks, PanelName
from lablink_dpg.gui.looks import Looks
from lablink_dpg.gui.source import Source
from lablink_dpg.gui.state import Page
from lablink_dpg.gui.window import Window
from lablink_dpg.model.orders import ControlJob, RunBenchmark
from lablink_dpg.preferences import ThemeName

SETTLE_S = 1.5  # lists that are watched have come, and what slides has slid
LONG_S = 5.0  # a benchmark or a job has run, sparklines have a shape
FIRST_S = 11.0  # a window of ten seconds is full of samples
SELECTED = 4  # streams of the overlay: told apart at a glance
LARGE = 1.5  # of the picture that shows the font scale


class Cue(StrEnum):
    """What a simulator is asked to do."""

    ALARM = "alarm"  # a critical one and a lesser one, on devices whose streams are shown
    GONE = "gone"  # it closes its doors


Stage = Callable[[Cue], None]
Stop = tuple[str, float]  # name of the picture, and the wait before it


class Tour:
    """Main thread; ``step`` is asked between two frames."""

    def __init__(self, window: Window, source: Source, folder: Path, stage: Stage | None, *, pace: float = 1.0) -> None:
        """``pace``: of the waits, for whom pictures need not be full."""
        self._window = window
        self._source = source
        self._folder = folder
        self._stops = self._walk(stage)
        self._next: Stop | None = None
        self._due_s: float | None = None
        self._pace = pace
        self._count = 0
        self.is_over = False

    def step(self, now_s: float) -> bool:
        """Go on if it is time; whether it is over. ``now_s``: of a clock that only goes on.

        Raises:
            OSError: if a picture cannot be written.
        """
        if self.is_over or (self._due_s is not None and now_s < self._due_s):
            return self.is_over
        if self._next is not None:
            self._count += 1
            screenshot.save(self._folder / f"{self._count:02d}-{self._next[0]}.png")
        self._next = next(self._stops, None)
        if self._next is None:
            self.is_over = True
        else:
            self._due_s = now_s + self._next[1] * self._pace
        return self.is_over

    def _walk(self, stage: Stage | None) -> Iterator[Stop]:
        yield "live", FIRST_S
        yield from self._plots()
        yield from self._panels(stage)
        yield from self._pages()
        yield from self._looks()
        self._window.actions.toggle_wall()
        yield "wall", 2 * SETTLE_S
        self._window.actions.toggle_wall()
        if stage is not None:
            stage(Cue.GONE)
            self._only(PanelName.SETTINGS)
            yield "disconnected", LONG_S

    def _plots(self) -> Iterator[Stop]:
        window, actions = self._window, self._window.actions
        for line in window.lines[:SELECTED]:
            window.state = state.toggle_selected(window.state, line.stream)
        actions.toggle_overlay()
        yield "overlay", SETTLE_S
        actions.toggle_overlay()
        window.state = state.clear_selection(window.state)
        actions.toggle_live()
        yield "paused", 2 * SETTLE_S
        actions.toggle_live()

    def _panels(self, stage: Stage | None) -> Iterator[Stop]:
        window, actions, source = self._window, self._window.actions, self._source
        self._only(PanelName.EQUIPMENT)
        yield "equipment", LONG_S
        self._only(PanelName.ACQUISITIONS)
        yield "acquisitions", SETTLE_S
        if stage is not None:
            stage(Cue.ALARM)
        self._only(PanelName.ALARMS)
        yield "alarm-active", 2 * SETTLE_S
        self._only(PanelName.DIAGNOSTICS)
        for link, book in zip(window.links, source.books(), strict=True):
            for device in link.equipment[:1]:
                actions.order(RunBenchmark(device.equipment_id), link.server)
            for job in list(book.jobs.jobs)[:1]:
                actions.order(ControlJob(job, "run"), link.server)
        yield "diagnostics", LONG_S
        self._only(PanelName.SCHEDULER)
        yield "scheduler", SETTLE_S
        self._only(PanelName.SETTINGS)
        yield "settings", SETTLE_S
        self._only(*PanelName)
        yield "all-panels", 2 * SETTLE_S
        self._only()

    def _pages(self) -> Iterator[Stop]:
        window, actions = self._window, self._window.actions
        window.toggle_palette()
        yield "commands", SETTLE_S
        window.toggle_palette()
        for page in (Page.HELP, Page.STATISTICS, Page.LOG):
            actions.toggle_page(page)
            yield page.value, SETTLE_S
            actions.toggle_page(page)

    def _looks(self) -> Iterator[Stop]:
        before: Looks = self._window.looks
        self._only(PanelName.EQUIPMENT, PanelName.ALARMS)
        self._window.set_looks(replace(before, theme=ThemeName.LIGHT))
        yield "light-theme", 2 * SETTLE_S
        self._only(PanelName.ALARMS)
        self._window.set_looks(replace(before, scale=LARGE))
        yield "large-letters", 2 * SETTLE_S
        self._window.set_looks(before)
        self._only()

    def _only(self, *names: PanelName) -> None:
        """Have these panels open, where they belong, and no others."""
        self._window.actions.change_docks(Docks(opened=names))
