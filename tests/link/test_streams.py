"""Tests of lablink_dpg.link.streams."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lablink_dpg.link.planner import StreamPlan, bytes_per_s
from lablink_dpg.link.streams import Streams, state_while_heard
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import StreamState, StreamStatus

INFO = AcquisitionInfo("a", "scope", "a", AcquisitionState.ACQUIRING, ("CH1",), 1000.0)


def test_a_described_acquisition_has_a_plan_and_a_status() -> None:
    streams = Streams(50)
    stream = streams.describe(INFO)
    assert stream.plan == StreamPlan(50, 150)
    assert streams.frozen() == {"a": StreamStatus(StreamState.WAITING, 50, 150)}


def test_a_window_that_was_enlarged_stays_so_until_the_acquisition_changes() -> None:
    streams = Streams(50)
    stream = streams.describe(INFO)
    streams.set_plan(stream, StreamPlan(50, 5000))
    streams.describe(replace(INFO, state=AcquisitionState.PAUSED))
    assert stream.plan.num_samples == 5000
    streams.describe(replace(INFO, sample_rate_hz=2000.0))
    assert stream.plan.num_samples == 300


def test_a_frozen_status_is_made_anew_only_after_a_change() -> None:
    streams = Streams(50)
    stream = streams.describe(INFO)
    first = streams.frozen()
    streams.set_state(stream, StreamState.WAITING)
    assert streams.frozen() is first
    streams.set_state(stream, StreamState.STREAMING)
    assert streams.frozen()["a"].state is StreamState.STREAMING
    assert first["a"].state is StreamState.WAITING


def test_when_the_link_is_down_what_is_shown_is_old_and_what_has_ended_has_ended() -> None:
    streams = Streams(50)
    running, ended = streams.describe(INFO), streams.describe(replace(INFO, acquisition_id="b"))
    for stream, state in ((running, StreamState.SILENT), (ended, StreamState.STOPPED)):
        stream.asked_us = 5
        stream.is_silent = True
        stream.is_fresh = False
        streams.set_state(stream, state)
    streams.disconnected()
    assert (running.state, ended.state) == (StreamState.WAITING, StreamState.STOPPED)
    for stream in streams:
        assert (stream.asked_us, stream.is_silent, stream.is_fresh) == (None, False, True)


def test_what_all_streams_cost_follows_every_change_of_their_plans() -> None:
    streams = Streams(50)
    first, second = streams.describe(INFO), streams.describe(replace(INFO, acquisition_id="b"))
    alone = bytes_per_s(first.plan, 1)
    assert streams.bytes_per_s == 2 * alone
    streams.set_plan(second, StreamPlan(50, 300))
    assert streams.bytes_per_s == 3 * alone
    streams.forget(first)
    assert streams.bytes_per_s == 2 * alone
    assert (len(streams), list(streams.frozen()), streams.get("a")) == (1, ["b"], None)


@pytest.mark.parametrize("state", list(AcquisitionState))
def test_a_stream_that_is_heard_is_streaming_unless_it_pauses_or_has_ended(state: AcquisitionState) -> None:
    other = {
        AcquisitionState.PAUSED: StreamState.PAUSED,
        AcquisitionState.STOPPED: StreamState.STOPPED,
        AcquisitionState.ERROR: StreamState.STOPPED,
    }
    assert state_while_heard(state) is other.get(state, StreamState.STREAMING)
