"""States as words: each told from the others, and nothing that is old ever called live."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lablink_dpg.gui import states
from lablink_dpg.gui.palette import Tone
from lablink_dpg.model.link import NOT_HAD_YET, LinkNeed, LinkState, LinkStatus, Mode, StreamState, StreamStatus, Wire
from lablink_dpg.query.frame import StreamLine

WS_STREAM, REST_STREAM = StreamStatus(StreamState.STREAMING, 50, 100), StreamStatus(StreamState.POLLED, 50, 100)


def line(
    state: StreamState | None = StreamState.STREAMING, age_ms: float | None = 40.0, *, is_old: bool = False
) -> StreamLine:
    received = 0 if age_ms is None else 1000
    return StreamLine("a", "Scope", ("CH1",), 1000.0, 31.0, 0, received, state, age_ms, is_old)


def link(
    state: LinkState = LinkState.STREAMING, server: str = "lab:8000", reason: str = "", **more: object
) -> LinkStatus:
    return LinkStatus(server, Mode.HYBRID, state, reason, **{"no_acquisitions": "", **more})  # type: ignore[arg-type]


def test_every_state_has_its_own_symbol_and_word() -> None:
    stream_chips = [*states.STREAM_CHIPS.values(), states.STALLED_STREAM]
    assert set(states.STREAM_CHIPS) == set(states.OLD) == set(StreamState)
    assert len({chip.symbol for chip in stream_chips}) == len({chip.word for chip in stream_chips}) == len(stream_chips)
    assert set(states.LINK_CHIPS) == set(states.CONCERN) == set(LinkState)
    assert len({chip.symbol for chip in states.LINK_CHIPS.values()}) >= len(LinkState) - 1  # two kinds of "not yet"
    assert len({chip.word for chip in states.LINK_CHIPS.values()}) == len(LinkState)


def test_a_stream_says_by_which_way_its_samples_come() -> None:
    assert states.stream_chip(line(StreamState.STREAMING)).word == "WS"
    assert states.stream_chip(line(StreamState.POLLED)).word == "REST"
    assert states.stream_chip(line(None)) is states.UNKNOWN_STREAM


@pytest.mark.parametrize("state", [None, *StreamState])
def test_what_is_old_is_never_fresh_and_its_age_is_written_over_the_plot(state: StreamState | None) -> None:
    old = line(state, 12_900.0, is_old=True)
    assert not states.is_fresh(old)
    assert states.stream_chip(old).tone is not Tone.GOOD
    note = states.age_note(old)
    assert note is not None
    assert note.word.endswith(" for 12 s")
    assert note.tone is not Tone.GOOD
    text, tone = states.lateness(old)
    assert text == "12 s"
    assert tone is (Tone.MUTED if state in (StreamState.PAUSED, StreamState.STOPPED) else Tone.BAD)
    assert note.text in states.stream_tip(old)


def test_the_tooltip_says_why_a_stream_does_not_come_over_the_websocket() -> None:
    polled = line(StreamState.POLLED)
    assert "not over the WebSocket" not in states.stream_tip(polled)
    said = states.stream_tip(replace(polled, note="silences all other streams"))
    assert "not over the WebSocket: silences all other streams" in said.splitlines()


@pytest.mark.parametrize("state", [None, *StreamState])
def test_what_is_not_old_has_no_note(state: StreamState | None) -> None:
    assert states.age_note(line(state)) is None
    assert states.age_note(line(state, None)) is None
    assert states.lateness(line(state)) == ("31 ms", Tone.MUTED)


def test_only_what_comes_is_fresh() -> None:
    assert states.is_fresh(line(StreamState.STREAMING))
    assert states.is_fresh(line(StreamState.POLLED))
    assert not states.is_fresh(line(StreamState.STREAMING, None)), "requested, and nothing came yet"
    for state in set(StreamState) - set(states.COMING):
        assert not states.is_fresh(line(state))


def test_an_empty_plot_says_why_in_every_state() -> None:
    reasons = {states.no_samples(line(state, None)) for state in StreamState}
    assert len(reasons) == 7
    assert {states.no_samples(line(state)) for state in StreamState} == {"no samples in this window"}


def test_the_countdown_is_rounded_up_and_never_negative() -> None:
    status = link(LinkState.WAITING, reason="Connection refused", next_retry_us=5_000_000)
    assert states.link_sentence(status, 1_200_000) == "Connection refused, next try in 4 s"
    assert states.retry_in(status, 4_999_999) == "next try in 1 s"
    assert states.retry_in(status, 6_000_000) == "trying now"


def test_a_link_in_health_says_by_which_way_and_to_what() -> None:
    assert states.link_sentence(link(server_version="1.2.5"), 0) == "by WebSocket, LabLink 1.2.5"
    assert (
        states.link_sentence(link(server_version="1.2.5", wire=Wire.TYPED), 0) == "by WebSocket, typed, LabLink 1.2.5"
    )
    assert states.link_sentence(link(wire=Wire.JSON), 0) == "by WebSocket, JSON"
    for state in LinkState:
        assert states.link_sentence(link(state), 0)


def test_of_several_servers_the_one_in_trouble_is_told_first_and_how_many_are_up() -> None:
    up, polled, down = link(), link(LinkState.POLLING, "b"), link(LinkState.WAITING, "c")
    assert states.by_concern([up, polled, down]) == [down, polled, up]
    assert states.links_chip([up, polled, down]) == ("▲", "2 of 3 up", Tone.BAD)
    assert states.links_chip([up, link(server="d")]) == ("●", "2 connected", Tone.GOOD)
    assert states.links_chip([down]) == states.LINK_CHIPS[LinkState.WAITING]
    assert states.links_chip([]) == states.LINK_CHIPS[LinkState.IDLE]


def test_the_transport_is_that_of_those_that_are_up() -> None:
    up, polled, down = link(), link(LinkState.POLLING), link(LinkState.WAITING)
    assert states.transport([up, down]) == ("WebSocket", Tone.MUTED)
    assert states.transport([polled, down]) == ("REST polling", Tone.MUTED)
    assert states.transport([up, polled]) == ("WS + REST", Tone.MUTED)
    mixed = link(streams={"a": WS_STREAM, "b": REST_STREAM, "c": REST_STREAM}, server_version="1.2.5")
    assert states.transport([mixed, down]) == ("WS + REST", Tone.MUTED)
    assert states.link_sentence(mixed, 0) == "by WebSocket, 2 of 3 over REST"
    none = link(streams={"b": REST_STREAM, "c": REST_STREAM}, server_version="1.2.5")
    assert states.link_sentence(none, 0) == "WebSocket open, all over REST"
    assert states.transport([down]) == states.transport([]) == ("no transport", Tone.MUTED)


def test_the_page_without_streams_says_what_is_going_on_in_every_state() -> None:
    for state in LinkState:
        for links in ([link(state, next_retry_us=5_000_000)], [link(state), link(state, "b")]):
            _, title, why, _ = states.empty_page(links, 1_200_000)
            assert title
            assert why
    assert states.empty_page([], 0)[1] == "No server"


def test_the_page_without_streams_is_about_the_server_in_trouble() -> None:
    _, title, why, then = states.empty_page(
        [link(), link(LinkState.WAITING, "b", "refused", next_retry_us=2_000_000)], 0
    )
    assert title == "No connection to b"
    assert (why, then) == ("refused", "next try in 2 s")


def test_that_nothing_runs_is_said_only_where_every_server_has_listed_what_it_has() -> None:
    assert "no running acquisitions" in states.empty_page([link()], 0)[1]
    for state in states.TRANSPORTS:
        for why in (NOT_HAD_YET, "cannot be had: status 500"):
            for links in ([link(state, "b", no_acquisitions=why)], [link(), link(state, "b", no_acquisitions=why)]):
                chip, title, said, _ = states.empty_page(links, 0)
                assert chip.tone is not Tone.GOOD
                assert title == ("Acquisitions not known" if len(links) == 1 else "Acquisitions of b not known")
                assert said == f"Their list {why}."


def test_a_closed_link_is_not_told_to_reconnect_which_it_cannot() -> None:
    assert not any("Reconnect" in str(text) for text in states.empty_page([link(LinkState.CLOSED)], 0))


@pytest.mark.parametrize("need", [need for need in LinkNeed if need is not LinkNeed.NOTHING])
@pytest.mark.parametrize("state", [LinkState.WAITING, LinkState.CONNECTING])
def test_a_link_that_waits_for_a_person_is_not_called_unreachable(need: LinkNeed, state: LinkState) -> None:
    waiting = link(state, needs=need, needs_why="the account is locked", reason="refused (401)")
    chip = states.link_chip(waiting)
    assert chip is states.NEED_CHIPS[need]
    assert chip.tone is not Tone.GOOD
    assert states.links_chip([waiting]) is chip
    assert states.link_sentence(waiting, 0) == "refused (401), the account is locked"


def test_a_login_that_ends_while_samples_come_is_told_and_they_still_count_as_connected() -> None:
    up = link(needs=LinkNeed.PASSWORD, needs_why="the login has expired", server_version="1.2.5")
    assert states.link_chip(up) is states.LINK_CHIPS[LinkState.STREAMING]
    assert states.link_sentence(up, 0) == "by WebSocket, LabLink 1.2.5, the login has expired"


def test_what_is_said_as_the_reason_is_not_said_twice() -> None:
    waiting = link(LinkState.WAITING, needs=LinkNeed.PASSWORD, needs_why="wants a login", reason="it wants a login")
    assert states.link_sentence(waiting, 0) == "it wants a login"
    assert states.empty_page([waiting], 0)[1:] == ("lab:8000 waits for you", "it wants a login", "Press U to log in.")


@pytest.mark.parametrize("state", [LinkState.STREAMING, LinkState.POLLING])
def test_a_server_nobody_vouches_for_is_red_wherever_it_is_told_of(state: LinkState) -> None:
    insecure, good = link(state, is_insecure=True), link(server="other:8000")
    assert states.link_chip(insecure) == (states.LINK_CHIPS[state].symbol, "insecure", Tone.BAD)
    assert states.links_chip([insecure]) == states.LINK_CHIPS[state]._replace(tone=Tone.BAD)
    assert states.links_chip([insecure, good]).tone is Tone.BAD
    assert states.transport([good, insecure]) == ("▲ insecure", Tone.BAD)
    assert states.link_sentence(insecure, 0).startswith("certificate not verified, ")
    assert states.shown_name(insecure, "lab") == "lab (insecure)"
    assert states.shown_name(good, "lab") == "lab"
