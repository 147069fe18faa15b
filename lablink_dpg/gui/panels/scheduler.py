"""Scheduled jobs and their runs: two lists, what is known of the selected line, and buttons to run, pause, resume."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from lablink_dpg.books.lab import LabBook
from lablink_dpg.gui import facts, job_rows, known, layout
from lablink_dpg.gui.cadence import Turn, next_us
from lablink_dpg.gui.facts import Fact
from lablink_dpg.gui.job_rows import JobLine, RunLine
from lablink_dpg.gui.label import Label
from lablink_dpg.gui.layout import Rect
from lablink_dpg.gui.lazy import Lazy
from lablink_dpg.gui.palette import Tone
from lablink_dpg.gui.panels.known import KnownLine
from lablink_dpg.gui.panels.panel import Desk
from lablink_dpg.gui.panels.rows import Row, Rows
from lablink_dpg.gui.panels.sheet import Sheet
from lablink_dpg.gui.scale import px
from lablink_dpg.gui.toolkit import Item, dpg
from lablink_dpg.model.link import LinkStatus
from lablink_dpg.model.orders import ControlJob
from lablink_dpg.model.topic import Topic

Action = Literal["run", "pause", "resume"]
BUTTONS: Sequence[tuple[Action, str]] = (("run", "▶ Run now"), ("pause", "‖ Pause"), ("resume", "↻ Resume"))
BUTTON_PX, BUTTON_HEIGHT_PX, GAP_PX = 96, 30, 6
CAPTION_INDENT_PX = 6  # as the texts of the list below it
RUNS_SHARE = 0.58  # of the room that runs and details have
BOTH_PX = 260  # of height, for runs and details below them; else tooltips of the lines have to do
NO_JOBS = "No job is scheduled."
NO_RUNS = "Nothing has run yet."


class SchedulerPanel:
    """Main thread."""

    def __init__(self, parent: Item, desk: Desk) -> None:
        self._desk = desk
        theme = desk.theme
        self.text_inputs: tuple[Item, ...] = ()
        self.known = KnownLine(parent, theme)
        self.jobs = Rows(parent, theme, job_rows.JOB_COLUMNS, self._select_job, empty="")
        self.buttons: dict[Action, Item] = {}
        for action, label in BUTTONS:
            self.buttons[action] = self._button(parent, label, self._of(action))
        self.all_runs = self._button(parent, "All runs", lambda: self._select_job(""))
        self.switch = self._button(parent, "Runs", self._turn_over)  # where there is room for one list only
        self._caption = Label(parent, theme.fonts.small_bold, Tone.MUTED)
        self.runs = Rows(parent, theme, job_rows.RUN_COLUMNS, self._select_run, empty="")
        self.details: Item = dpg.add_child_window(parent=parent, border=False)
        dpg.bind_item_theme(self.details, theme.canvas)
        self.sheet = Sheet(self.details, theme)
        self.job = ""  # keys of the selected lines; "": all runs, and none of them
        self.run = ""
        self.is_low = False  # one list at a time: jobs, or else runs
        self.has_runs_in_front = False
        self._job_lines: Sequence[JobLine] = ()
        self._run_lines: Sequence[RunLine] = ()
        self._job_rows: Sequence[Row] = ()
        self._run_rows: Sequence[Row] = ()
        self._size = (0, 0)
        self._caption_px = 1
        self._has_details = True
        self._known_of: object = None  # of what the lists were made
        self._runs_of = ""  # of which job the runs are shown
        self._due_us = 0

    def _button(self, parent: Item, label: str, callback: Callable[[], None]) -> Item:
        item: Item = dpg.add_button(
            parent=parent, label=label, width=px(BUTTON_PX), height=px(BUTTON_HEIGHT_PX), callback=callback, pos=(0, 0)
        )
        dpg.bind_item_font(item, self._desk.theme.fonts.small)
        return item

    # -- hands ---------------------------------------------------------------------------------------------------

    def _select_job(self, key: str) -> None:
        """The same again takes the selection back."""
        self.job = "" if key == self.job else key
        self.run = ""
        self._due_us = 0

    def _select_run(self, key: str) -> None:
        self.run = "" if key == self.run else key
        self._due_us = 0

    def _turn_over(self) -> None:
        self.has_runs_in_front = not self.has_runs_in_front
        self._place_anew()

    def _of(self, action: Action) -> Callable[[], None]:
        def order() -> None:
            line = self._chosen_job()
            if line is not None and action in self.possible(line):
                self._desk.actions.order(ControlJob(line.job.job_id, action), line.server)

        return order

    @staticmethod
    def possible(line: JobLine | None) -> tuple[Action, ...]:
        """What the buttons can do with a job."""
        if line is None:
            return ()
        return ("run", "pause") if line.job.is_enabled else ("run", "resume")

    # -- frames --------------------------------------------------------------------------------------------------

    def place(self, width: int, height: int) -> None:
        if (width, height) != self._size:
            self._size = (width, height)
            self._place_anew()

    def _place_anew(self) -> None:
        width, height = self._size
        top = self.known.place(width)
        pad = px(layout.DOCK_PAD_PX)
        room = Rect(pad, pad + top, width, max(1, height - top))
        is_wide = width >= px(facts.WIDE_PX) and width > height
        self.is_low = not is_wide and height < px(facts.LOW_PX)
        self._show()
        if self.is_low:
            self._place_jobs(room)
            self._place_runs(room)
        elif is_wide and width >= px(facts.VERY_WIDE_PX):
            one, other, third = facts.thirds(room)
            self._place_jobs(one)
            self._place_runs(other)
            self._place_details(third)
        else:
            one, other = facts.split(room, px(facts.WIDE_PX))
            self._place_jobs(one)
            has_both = self._has_details and other.height >= px(BOTH_PX)
            dpg.configure_item(self.details, show=has_both)
            runs = other._replace(height=round(other.height * (RUNS_SHARE if has_both else 1.0)))
            self._place_runs(runs)
            y = runs.y + runs.height + px(GAP_PX)
            self._place_details(Rect(other.x, y, other.width, max(1, other.y + other.height - y)))

    def _show(self) -> None:
        has_jobs = not (self.is_low and self.has_runs_in_front)
        has_runs = not self.is_low or self.has_runs_in_front
        for item in (self.jobs.window, *self.buttons.values()):
            dpg.configure_item(item, show=has_jobs)
        dpg.configure_item(self.runs.window, show=has_runs)
        dpg.configure_item(self.all_runs, show=has_runs and not self.is_low and bool(self.job))
        dpg.configure_item(self.switch, show=self.is_low, label="Jobs" if self.has_runs_in_front else "Runs")
        self._caption.show(has_runs)
        dpg.configure_item(self.details, show=self._has_details and not self.is_low)

    def _place_jobs(self, area: Rect) -> None:
        line_px = px(BUTTON_HEIGHT_PX + GAP_PX)
        _put(self.jobs, area._replace(height=max(1, area.height - line_px)))
        y = area.y + area.height - px(BUTTON_HEIGHT_PX)
        count = len(self.buttons) + self.is_low
        wide = min(px(BUTTON_PX), (area.width - (count - 1) * px(GAP_PX)) // count)
        dpg.configure_item(self.switch, pos=(area.x + area.width - wide, y), width=wide)
        for index, (action, whole) in enumerate(BUTTONS):
            label = whole if wide >= px(BUTTON_PX) else whole.partition(" ")[2]  # without its symbol where it is narrow
            x = area.x + index * (wide + px(GAP_PX))
            dpg.configure_item(self.buttons[action], pos=(x, y), width=wide, label=label)

    def _place_runs(self, area: Rect) -> None:
        self._caption_px = area.width - px(BUTTON_PX + GAP_PX)
        self._caption.place(area.x + px(CAPTION_INDENT_PX), area.y + px(6))
        dpg.configure_item(self.all_runs, pos=(area.x + area.width - px(BUTTON_PX), area.y))
        line_px = px(BUTTON_HEIGHT_PX + GAP_PX)
        below_px = line_px if self.is_low else 0
        _put(self.runs, Rect(area.x, area.y + line_px, area.width, max(1, area.height - line_px - below_px)))

    def _place_details(self, area: Rect) -> None:
        dpg.configure_item(self.details, pos=(area.x, area.y), width=area.width, height=area.height)

    def draw(self, now_us: int) -> None:
        books, links = self._desk.source.books(), self._desk.source.links()
        known_of = [(book, book.jobs.revision) for book in books], [link.equipment for link in links]
        is_changed = known_of != self._known_of
        if is_changed:
            self._known_of = known_of
            self._job_lines = job_rows.jobs(books, links)
        if is_changed or self._runs_of != self.job:
            if self._chosen_job() is None:
                self.job = ""
            self._runs_of = self.job
            self._run_lines = job_rows.runs(books, self._chosen_job())
            self._due_us = 0
        if now_us >= self._due_us:
            self._due_us = next_us(now_us, Turn.SCHEDULER)
            self._draw_words(books, links, now_us)
        self.jobs.draw(self._job_rows, self.job)
        self.runs.draw(self._run_rows, self.run)

    def _draw_words(self, books: Sequence[LabBook], links: Sequence[LinkStatus], now_us: int) -> None:
        self.known.draw(known.line(books, links, Topic.JOBS, now_us))
        job = self._chosen_job()
        self._job_rows = Lazy(self._job_lines, lambda line: job_rows.job_row(line, now_us))
        self.jobs.say_when_empty(known.nothing(books, Topic.JOBS, NO_JOBS, "job"))
        self.runs.say_when_empty(known.nothing(books, Topic.EXECUTIONS, NO_RUNS, "run"))
        self._run_rows = Lazy(self._run_lines, lambda line: job_rows.run_row(line, now_us))
        whose = "all jobs" if job is None else job.name
        trouble = known.trouble(books, Topic.EXECUTIONS)
        caption = f"Runs: ▲ {trouble}" if trouble else f"Runs of {whose} ({len(self._run_lines)})"
        self._caption.set(caption, Tone.WARN if trouble else Tone.MUTED, max(1, self._caption_px))
        theme, possible = self._desk.theme, self.possible(job)
        for action, item in self.buttons.items():
            dpg.bind_item_theme(item, theme.quiet if action in possible else theme.idle)
        told = self._facts(job, now_us)
        if bool(told) != self._has_details:  # without any, the runs have their room
            self._has_details = bool(told)
            self._place_anew()
        dpg.configure_item(self.all_runs, show=bool(self.job) and not self.is_low)
        self.sheet.draw(told)

    def _facts(self, job: JobLine | None, now_us: int) -> list[Fact]:
        run = next((line for line in self._run_lines if line.key == self.run), None)
        if run is not None:
            return job_rows.run_facts(run, now_us)
        if job is not None:
            return job_rows.job_facts(job, now_us)
        return []

    def _chosen_job(self) -> JobLine | None:
        return next((line for line in self._job_lines if line.key == self.job), None)


def _put(rows: Rows, area: Rect) -> None:
    dpg.configure_item(rows.window, pos=(area.x, area.y))
    rows.place(area.width, area.height)
