"""One contender in one case: ``python -m perf.contenders NAME STREAMS WINDOW FOLDER``, told what to do line by line.

It answers each line with one of JSON: ``turn FRAMES SECONDS`` with the milliseconds of its frames, ``spike`` with the
places where the newest sample has to be seen. What libraries print goes to standard error.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from perf.contenders import scene
from perf.contenders.problems import CannotRun

# Module and class of each, and what has to be installed for it.
CONTENDERS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "ours": ("perf.contenders.ours", "Ours", ("dearpygui",)),
    "pyqtgraph, peak": ("perf.contenders.qt", "Peak", ("pyqtgraph", "PyQt6")),
    "pyqtgraph, raw": ("perf.contenders.qt", "Raw", ("pyqtgraph", "PyQt6")),
    "vispy, min/max": ("perf.contenders.gl", "MinMax", ("vispy", "PyQt6")),
    "vispy, all samples": ("perf.contenders.gl", "AllSamples", ("vispy", "PyQt6")),
    "fastplotlib": ("perf.contenders.vulkan", "FastPlot", ("fastplotlib", "PyQt6")),
}
PHASES = ("store", "update", "paint")
# Between frames, not counted, as a display waits for its next one: who never sleeps is who the kernel sets aside first.
PAUSE_S = 0.01


def missing(needs: Sequence[str]) -> list[str]:
    return [each for each in needs if importlib.util.find_spec(each) is None]


def play(contender: scene.Contender, stop: int) -> dict[str, float]:
    """One frame; milliseconds of each phase.

    Storing and updating are work of this thread alone, and timed by its processor time: on a machine at rest that is
    the time they take, and other programs on a busy one do not lengthen it. Painting is work of several.
    """
    time.sleep(PAUSE_S)
    began_s = time.thread_time()
    contender.store(stop)
    stored_s = time.thread_time()
    contender.update()
    updated_s, handed_over_s = time.thread_time(), time.perf_counter()
    contender.paint()
    times_s = stored_s - began_s, updated_s - stored_s, time.perf_counter() - handed_over_s
    return {phase: each_s * 1e3 for phase, each_s in zip(PHASES, times_s, strict=True)}


def main(name: str, case: scene.Case, folder: Path) -> int:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(**words: Any) -> None:
        answers.write(json.dumps(words) + "\n")
        answers.flush()

    module, kind, needs = CONTENDERS[name]
    if missing(needs):
        answer(problem="not installed")
        return 0
    signal = scene.read(case, folder)
    try:
        contender: scene.Contender = getattr(importlib.import_module(module), kind)(case, signal)
    except CannotRun as error:
        answer(problem=str(error))
        return 0
    frame = 1
    first = play(contender, signal.stop(frame))
    gc.collect()
    answer(first_ms=sum(first.values()))
    for line in sys.stdin:
        match line.split():
            case ["turn", frames, seconds]:
                until, done = time.monotonic() + float(seconds), list[dict[str, float]]()
                while len(done) < int(frames) and (not done or time.monotonic() < until):
                    frame += 1
                    done.append(play(contender, signal.stop(frame)))
                answer(**{phase: [each[phase] for each in done] for phase in PHASES})
            case ["spike"]:
                frame += 1
                stop = signal.stop(frame)
                signal.spike(stop)
                contender.show_spike(stop)
                contender.paint()  # once more, for those that show a frame late
                answer(plots=contender.plots())
            case _:
                break
    answers.close()
    os._exit(0)  # libraries of windows have much to say about being taken down; nothing here needs it


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], scene.Case(int(sys.argv[2]), int(sys.argv[3])), Path(sys.argv[4])))
