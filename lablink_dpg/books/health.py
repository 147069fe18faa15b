"""How well the devices of one server are and were, and the benchmarks that were run, by whomever.

Lists and events come by two connections and overtake each other: of two reports made at nearly the same time the
older one is left, whichever comes last. One that is much older was made by a clock that has been set, and is taken.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace

from lablink_dpg.model.health import Benchmark, Degradation, Health, HealthChange, SystemFigure

MAX_DEVICES = 1000  # that are remembered; ids in events may be anything
MAX_TREND = 500  # points a device; a score that stays is two of them, however long
MAX_RUNS = 5  # benchmarks a device, the newest
MAX_DEGRADATIONS = 50  # that wait for somebody to tell of them
RACE_US = 5_000_000  # lists are asked for and answered within that time
OVERTAKEN = "the server told nothing more of it"

Point = tuple[int, float]  # Unix µs of the display's axis, score


class HealthBook:
    """Main thread."""

    def __init__(self) -> None:
        self.revision = 0  # raised by every change
        self.reports: Mapping[str, Health] = {}  # newest of each device, by equipment_id
        self.previous: Mapping[str, float] = {}  # the last score that was another one, by equipment_id
        self.system: tuple[SystemFigure, ...] = ()  # of the server itself
        self._trends: dict[str, deque[Point]] = {}
        self._runs: dict[str, tuple[Benchmark, ...]] = {}
        self._degradations: deque[Degradation] = deque(maxlen=MAX_DEGRADATIONS)

    # -- health --------------------------------------------------------------------------------------------------

    def take_reports(self, reports: Sequence[Health]) -> None:
        """One of each device, as the server lists them; what it does not list is no more."""
        before = self.reports
        after = {each.equipment_id: self._newer(before.get(each.equipment_id), each) for each in reports[:MAX_DEVICES]}
        for report in after.values():
            self._note(before.get(report.equipment_id), report)
        if after != before or list(after) != list(before):
            self.reports = after
            self.revision += 1

    def take_change(self, change: HealthChange) -> None:
        """An event: what it does not tell stays as it was."""
        before = self.reports.get(change.equipment_id)
        if before is None and len(self.reports) >= MAX_DEVICES:
            return
        if before is not None and _is_overtaken(change.at_us, before.at_us):
            return
        if before is None and change.previous_score is not None:
            self.previous = _bounded({**self.previous, change.equipment_id: change.previous_score})
        blank = before or Health(change.equipment_id, change.status, None, change.at_us)
        report = replace(blank, status=change.status, score=change.score, at_us=change.at_us)
        self._note(before, report)
        self.reports = {**self.reports, change.equipment_id: report}
        self.revision += 1

    def take_system(self, figures: Sequence[SystemFigure]) -> None:
        if tuple(figures) != self.system:
            self.system = tuple(figures)
            self.revision += 1

    @staticmethod
    def _newer(before: Health | None, report: Health) -> Health:
        """A report that tells more than the event that overtook it, about the same or nearly the same moment."""
        if before is None or not _is_overtaken(report.at_us, before.at_us):
            return report
        return replace(report, status=before.status, score=before.score, at_us=before.at_us)

    def _note(self, before: Health | None, after: Health) -> None:
        """Put it into the trend; remember that it is worse."""
        if after.score is not None:
            self._add_point(after.equipment_id, after.at_us, after.score)
            if before is not None and before.score is not None and before.score != after.score:
                self.previous = _bounded({**self.previous, after.equipment_id: before.score})
        if before is None or before.status.rank is None or after.status.rank is None:
            return
        if after.status.rank > before.status.rank:
            drop = Degradation(after.equipment_id, before.status, after.status, after.score, before.score)
            self._degradations.append(drop)

    def _add_point(self, equipment_id: str, at_us: int, score: float) -> None:
        trend = self._trends.setdefault(equipment_id, deque(maxlen=MAX_TREND))
        if len(self._trends) > MAX_DEVICES:
            del self._trends[next(iter(self._trends))]
        if trend:
            at_us = max(at_us, trend[-1][0])  # a clock that was set back
        is_flat = len(trend) >= 2 and trend[-1][1] == trend[-2][1] == score
        if is_flat:
            trend.pop()
        if not trend or trend[-1] != (at_us, score):
            trend.append((at_us, score))

    def trend(self, equipment_id: str) -> Sequence[Point]:
        """Oldest first; between two points the score was that of the first."""
        return tuple(self._trends.get(equipment_id, ()))

    def pop_degradations(self) -> tuple[Degradation, ...]:
        """Those since the last call, oldest first: each is told once."""
        found = tuple(self._degradations)
        self._degradations.clear()
        return found

    # -- benchmarks ----------------------------------------------------------------------------------------------

    def runs(self, equipment_id: str) -> tuple[Benchmark, ...]:
        """Benchmarks of a device, newest first."""
        return self._runs.get(equipment_id, ())

    @property
    def benchmarked(self) -> Sequence[str]:
        """Devices with a benchmark under way or done."""
        return tuple(self._runs)

    def ordered(self, equipment_id: str, now_us: int) -> None:
        """One was asked for here; until the server tells of it, nothing is known of its progress."""
        self._put(equipment_id, (Benchmark(equipment_id, "", 0.0, "", now_us), *self._without_order(equipment_id)))

    def take_progress(self, run: Benchmark) -> None:
        """An event, of a run that was ordered here or anywhere else."""
        known = next((each for each in self.runs(run.equipment_id) if each.benchmark_id == run.benchmark_id), None)
        if known is None:
            others = tuple(each if each.is_done else _given_up(each) for each in self._without_order(run.equipment_id))
            self._put(run.equipment_id, (run, *others))
        elif run.has_result or not (known.has_result or run.progress < known.progress):
            self._replace(known, run)

    def take_answer(self, equipment_id: str, run: Benchmark | None, problem: str, now_us: int) -> None:
        """What became of the order: its result, or why there is none. It is the run of the events, if they agree."""
        runs = self.runs(equipment_id)
        if run is not None:
            known = next((each for each in runs if run.benchmark_id and each.benchmark_id == run.benchmark_id), None)
            if known is not None:
                self._replace(known, run)
            else:
                self._put(equipment_id, (run, *(each for each in self._without_order(equipment_id) if each.is_done)))
            return
        under_way = next((each for each in runs if not each.is_done), None)
        if under_way is not None:
            self._replace(under_way, replace(under_way, problem=problem, at_us=now_us))

    def _without_order(self, equipment_id: str) -> tuple[Benchmark, ...]:
        return tuple(each for each in self.runs(equipment_id) if each.benchmark_id or each.is_done)

    def _replace(self, known: Benchmark, run: Benchmark) -> None:
        runs = self.runs(known.equipment_id)
        self._put(known.equipment_id, tuple(run if each is known else each for each in runs))

    def _put(self, equipment_id: str, runs: tuple[Benchmark, ...]) -> None:
        runs = runs[:MAX_RUNS]
        if runs == self.runs(equipment_id):
            return
        self._runs[equipment_id] = runs
        if len(self._runs) > MAX_DEVICES:
            del self._runs[next(iter(self._runs))]
        self.revision += 1


def _is_overtaken(at_us: int, newest_us: int) -> bool:
    return newest_us - RACE_US < at_us < newest_us


def _given_up(run: Benchmark) -> Benchmark:
    return replace(run, problem=OVERTAKEN)


def _bounded(scores: dict[str, float]) -> dict[str, float]:
    while len(scores) > MAX_DEVICES:
        del scores[next(iter(scores))]
    return scores
