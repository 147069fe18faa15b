"""Asked for again, a view is drawn from what was looked up before, and is no other picture for it."""

from __future__ import annotations

import pytest

from lablink_dpg.query.build import FrameMemory, build_frame
from lablink_dpg.query.frame import Frame
from lablink_dpg.query.view import PlotRequest, TimeView, TraceRequest, View
from lablink_dpg.store.store import Store
from tests.query.test_build import LAG_US, gaps_in_view, picture, used_and_fresh
from tests.support.query_oracle import START_US, Server

SECOND = 1_000_000
STEP_US = 33_333
VIEW = View(
    TimeView(4 * SECOND),
    (
        PlotRequest("p", (TraceRequest("a", "CH1"), TraceRequest("b", "CH1")), 100, 180),
        PlotRequest("q", (TraceRequest("b", "CH1"),), 100, 180),
        PlotRequest("r", (TraceRequest("a", "CH1"), TraceRequest("a", "CH2")), 100, 180),
    ),
)


class Lab:
    """Streams "a" and "b" of one store, each frame asked of one memory."""

    def __init__(self) -> None:
        self.store, self.memory = Store(20_000), FrameMemory()
        self.servers = {"a": Server(self.store, "a")}
        self.now_us = START_US + 10 * SECOND
        self.view = VIEW

    def frame(self) -> Frame:
        """The next one, with all that has come until then."""
        self.go_on()
        return build_frame(self.store, self.view, self.now_us, LAG_US, self.memory)

    def compare(self) -> None:
        """A frame is that of a memory that remembers nothing."""
        self.go_on()
        for one, other in used_and_fresh(self.store, self.view, self.now_us, self.memory):
            assert picture(one) == picture(other)
            assert gaps_in_view(one) == gaps_in_view(other)

    def go_on(self) -> None:
        self.now_us += STEP_US
        for server in self.servers.values():
            due = round((self.now_us - server.start_us) * 1e-6 * server.rate_hz) - server.total
            if due > 0:
                server.send(due)

    def frames(self, count: int) -> Frame:
        for _ in range(count):
            frame = self.frame()
        return frame

    def come(self, name: str) -> None:
        self.servers[name] = Server(self.store, name, start_us=self.now_us - 6 * SECOND, seed=5)

    def go(self, name: str) -> None:
        del self.servers[name]
        self.store.forget(name)


def drawn(frame: Frame) -> list[list[tuple[str, str]]]:
    return [[(trace.request.stream, trace.request.channel) for trace in plot.traces] for plot in frame.plots]


def test_what_was_looked_up_serves_as_long_as_view_and_streams_are_the_same() -> None:
    lab = Lab()
    lab.frames(3)
    steady = lab.memory.steady
    assert steady is not None
    lab.frames(100)
    assert lab.memory.steady is steady


def test_a_stream_that_comes_is_in_the_next_frame_and_has_an_age() -> None:
    lab = Lab()
    assert drawn(lab.frames(5)) == [[("a", "CH1")], [], [("a", "CH1")]]
    lab.come("b")
    assert drawn(lab.frame()) == [[("a", "CH1"), ("b", "CH1")], [("b", "CH1")], [("a", "CH1")]]
    lab.frames(40)
    assert set(lab.memory.latency.smoothed_ms) == {"a", "b"}


def test_a_stream_that_goes_is_not_in_the_next_frame_and_comes_back_as_another_one() -> None:
    lab = Lab()
    lab.come("b")
    lab.frames(5)
    lab.go("b")
    assert drawn(lab.frame()) == [[("a", "CH1")], [], [("a", "CH1")]]
    lab.come("b")
    lab.frame()
    lab.compare()


@pytest.mark.parametrize("what", ["restart", "filled hole", "channel"])
def test_what_happens_to_a_stream_is_seen_although_the_same_is_asked_for(what: str) -> None:
    lab = Lab()
    server = lab.servers["a"]
    lab.frames(5)
    match what:
        case "restart":
            server.restart()
        case "filled hole":
            server.lose(20)
            lab.frames(5)
            assert server.fill() == 20
        case "channel":
            server.channels = ("CH1", "CH2")
    lab.frames(3)
    lab.compare()


def test_another_view_is_looked_up_anew_and_plots_that_stay_keep_their_columns() -> None:
    lab = Lab()
    lab.frames(5)
    columns = lab.memory.plots["p"].caches["a"]
    lab.view = View(VIEW.time, VIEW.plots[:1])
    assert [plot.key for plot in lab.frame().plots] == ["p"]
    assert lab.memory.plots["p"].caches["a"] is columns
    assert set(lab.memory.plots) == {"p"}
