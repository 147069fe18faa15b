"""Simulators for the tests of this room, each a process of its own on a free loopback port."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lablink_dpg.sim.process import SimProcess
from tests.sim.talk import Talk


@pytest.fixture(scope="module")
def demo_process() -> Iterator[SimProcess]:
    """The demo bench, for tests that leave it as they found it: scope, supply, load, three acquisitions."""
    with SimProcess(seed=7) as process:
        yield process


@pytest.fixture
def demo(demo_process: SimProcess) -> Iterator[Talk]:
    with Talk(demo_process) as talk:
        yield talk


@pytest.fixture
def other(demo_process: SimProcess) -> Iterator[Talk]:
    """A second client of the same server."""
    with Talk(demo_process) as talk:
        yield talk
