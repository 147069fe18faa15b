"""Tests of lablink_dpg.process: beside what psutil, the process itself and its parent know."""

from __future__ import annotations

import subprocess
import sys
import time

import psutil
import pytest

from lablink_dpg import process


def test_memory_in_use_is_what_the_system_counts_and_grows_with_what_is_used() -> None:
    """In a process of its own: beside other tests memory is given back meanwhile."""
    assert process.resident_bytes() == pytest.approx(psutil.Process().memory_info().rss, rel=0.05)
    lines = (
        "import numpy as np",
        "from lablink_dpg.process import resident_bytes",
        "before = resident_bytes()",
        "kept = np.ones(8_000_000)",
        "print((resident_bytes() - before) / kept.nbytes)",
    )
    done = subprocess.run([sys.executable, "-c", "; ".join(lines)], capture_output=True, text=True, check=True)
    assert 0.9 < float(done.stdout) < 1.5


def test_the_age_counts_from_the_start_of_the_process_and_goes_on() -> None:
    words = "import time, lablink_dpg.process as p; a = p.age_s(); time.sleep(0.2); print(a, p.age_s())"
    began_s = time.monotonic()
    done = subprocess.run([sys.executable, "-c", words], stdout=subprocess.PIPE, text=True, check=True, timeout=60)
    at_most_s = time.monotonic() - began_s + 0.02  # it is counted in hundredths
    first_s, second_s = map(float, done.stdout.split())
    assert 0 < first_s < second_s < at_most_s
    assert second_s - first_s == pytest.approx(0.2, abs=0.1)


@pytest.mark.parametrize("question", [process.resident_bytes, process.age_s])
def test_elsewhere_psutil_answers(question: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert callable(question)
    here = question()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert question() == pytest.approx(here, rel=0.05, abs=1.5)  # it knows the time of booting in whole seconds
