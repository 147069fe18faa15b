"""However the bytes are cut, what comes out is what the library delivers of them."""

from __future__ import annotations

import asyncio
import random
import ssl
from functools import partial
from itertools import pairwise
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lablink_dpg.link import frames
from lablink_dpg.link.frames import APART_BYTES, RECEIVE_BYTES
from tests.link.raw_frames import (
    BINARY,
    CLOSE,
    CONT,
    LIBRARY,
    LIMIT,
    OURS,
    PING,
    PONG,
    TEXT,
    answer,
    body,
    close,
    delivered,
    frame,
    on_a_line,
    over_a_socket,
    take_all,
)
from tests.support import certificates

SMALL_LIMIT = 250  # of messages, where memory is small, too
SIZES = (
    0,
    1,
    125,
    126,
    APART_BYTES - 1,
    APART_BYTES,
    RECEIVE_BYTES - 10,
    RECEIVE_BYTES,
    65_535,
    65_536,
    300_000,
    LIMIT,
)


def in_pieces(kind: int, *parts: bytes, between: bytes = b"") -> bytes:
    """One message; ``between``: control frames after its first piece."""
    last = len(parts) - 1
    pieces = [frame(CONT if number else kind, part, fin=number == last) for number, part in enumerate(parts)]
    return pieces[0] + between + b"".join(pieces[1:])


# What a server may send, and what it may not; each is followed by a message and a close.
SCENARIOS = {
    "many small messages": b"".join(frame(BINARY, body(size)) for size in range(140)),
    "messages of every size": b"".join(frame(TEXT, body(size)) for size in SIZES),
    "large messages only": b"".join(frame(BINARY, body(200_000 + 7 * number)) for number in range(6)),
    "an empty message": frame(TEXT) + frame(BINARY),
    "lengths in more bytes than they need": b"".join(
        frame(BINARY, body(size), wide=wide) for size in (0, 5, 125, 200, 40_000) for wide in (2, 8)
    ),
    "a message in pieces": in_pieces(BINARY, body(10), b"", body(70_000), body(3)) + frame(TEXT, b"after"),
    "a ping amid the pieces": in_pieces(TEXT, b"be", b"gin", between=frame(PING, b"now?") + frame(PONG)),
    "messages in pieces between whole ones": b"".join(
        frame(BINARY, body(50, n)) + in_pieces(TEXT, body(20, n), body(40_000, n)) + frame(BINARY, body(90_000, n))
        for n in range(8)
    ),
    "pings and pongs between messages": b"".join(
        frame(PING, bytes([n])) + frame(BINARY, body(40_000, n)) + frame(PONG, bytes([n])) for n in range(20)
    ),
    "a close amid the pieces": frame(TEXT, b"1", fin=False) + close(1001),
    "messages after a close": close(4001, "enough") + frame(TEXT, b"late"),
    "a close without a code": frame(CLOSE),
    "a close of one byte": frame(CLOSE, b"1"),
    "a close with a code that is none": close(1005),
    "a mask": frame(BINARY, body(100), mask=True),
    "a mask on a large message": frame(BINARY, body(100_000), mask=True),
    "reserved bits": frame(BINARY, body(100), reserved=4),
    "reserved bits on a large message": frame(TEXT, body(100_000), reserved=2),
    "a kind that is none": frame(3, b"?"),
    "a control kind that is none": frame(11, b"?"),
    "a piece of nothing": frame(CONT, b"?"),
    "a message amid the pieces": frame(TEXT, b"1", fin=False) + frame(TEXT, b"2"),
    "a large message amid the pieces": frame(TEXT, b"1", fin=False) + frame(BINARY, body(100_000)),
    "a ping that is too long": frame(PING, body(126)),
    "a ping in pieces": frame(PING, b"1", fin=False),
    "a message that is too large": frame(BINARY, body(LIMIT + 1)),
    "a message far too large": b"\x82\x7f" + bytes([0x7F]) + body(7) + body(100),
    "a length with its highest bit set": b"\x82\x7f" + bytes([0xFF] * 8) + body(100),
    "pieces that are too large together": in_pieces(BINARY, body(LIMIT // 2), body(LIMIT // 2), b"1"),
}


def data_of(name: str) -> bytes:
    return frame(TEXT, b"first") + SCENARIOS[name] + frame(BINARY, b"last") + close(1000, "bye")


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("pump_at", [0, 3])
def test_cut_anywhere_the_outcome_is_the_librarys(name: str, pump_at: int) -> None:
    data = data_of(name)
    expected = delivered(LIBRARY, data, [])
    assert expected.messages[:1] == [b"first"]
    rng = random.Random(name)
    for count in (0, 1, 5, 30):
        assert delivered(OURS, data, rng.choices(range(len(data)), k=count), pump_at) == expected
    assert delivered(OURS, data, range(0, len(data), 40_009), pump_at) == expected
    every = range(min(len(data), 1500))
    assert delivered(OURS, data, every, pump_at) == expected, "byte by byte"


@pytest.mark.parametrize("step", [1, 2, 3, 4, 5, 1000])
@pytest.mark.parametrize("size", [0, 1, 125, 126, 1000, 65_536, 300_000])
def test_whole_messages_pass_the_library_and_are_taken_as_soon_as_they_are_there(step: int, size: int) -> None:
    async def run() -> None:
        connection, line, shaking = await on_a_line(OURS)
        handshake = answer(connection)
        for start in range(0, len(handshake), step):
            line.deliver(handshake[start : start + step])
        await shaking
        with mock.patch.object(connection.protocol, "receive_data", side_effect=AssertionError):
            messages: list[bytes] = []
            taking = asyncio.ensure_future(take_all(connection, messages))
            await asyncio.sleep(0)
            for number in range(3):
                sent = frame(BINARY, body(size, number))
                line.deliver(sent[:-1])
                assert len(messages) == number
                line.deliver(sent[-1:])
                assert messages[number:] == [body(size, number)]
        line.end()
        await taking

    asyncio.run(run())


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's and the client's."""
    files = certificates.make(tmp_path_factory.mktemp("certificates"))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.server)
    return server, ssl.create_default_context(cafile=str(files.authority))


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("is_secure", [False, True], ids=["tcp", "tls"])
def test_over_a_socket_messages_and_codes_are_the_librarys(name: str, is_secure: bool, request: Any) -> None:
    data = data_of(name)
    contexts = request.getfixturevalue("tls") if is_secure else None
    rng = random.Random(name)
    expected = over_a_socket(LIBRARY, [data], contexts)
    for count in (0, 20):
        cuts = [0, *sorted(rng.choices(range(len(data)), k=count)), len(data)]
        pieces = [data[start:stop] for start, stop in pairwise(cuts)]
        assert over_a_socket(OURS, pieces, contexts) == expected


# -- anything, in small memory: every boundary is near ---------------------------------------------------------------

bodies = st.builds(body, st.integers(0, 300), st.integers(0, 3))
controls = st.builds(frame, st.sampled_from([PING, PONG]), st.builds(body, st.integers(0, 125)))
whole = st.builds(frame, st.sampled_from([TEXT, BINARY]), bodies, wide=st.sampled_from([0, 0, 0, 2, 8]))
pieces = st.builds(
    lambda kind, parts, between: in_pieces(kind, *parts, between=between),
    st.sampled_from([TEXT, BINARY]),
    st.lists(st.builds(body, st.integers(0, 90)), min_size=2, max_size=4),
    st.one_of(st.just(b""), controls),
)
odd = st.builds(
    frame,
    st.integers(0, 15),
    bodies,
    fin=st.booleans(),
    reserved=st.sampled_from([0, 0, 1, 2, 4, 7]),
    mask=st.booleans(),
    wide=st.sampled_from([0, 2, 8]),
)
ends = st.one_of(st.builds(close, st.sampled_from([1000, 1001, 1011, 4001])), st.binary(max_size=20))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.one_of(whole, whole, whole, pieces, controls), max_size=12),
    st.lists(st.one_of(odd, ends), max_size=2),
    st.lists(st.one_of(whole, pieces), max_size=2),
    st.lists(st.integers(0, 10_000), max_size=25),
    st.integers(0, 6),
)
def test_anything_cut_anywhere_is_what_the_library_makes_of_it(
    good: list[bytes], bad: list[bytes], after: list[bytes], cuts: list[int], pump_at: int
) -> None:
    data = b"".join(good + bad + after)
    expected = delivered(LIBRARY, data, cuts, pump_at, SMALL_LIMIT)
    with (
        mock.patch.object(frames, "RECEIVE_BYTES", 64),
        mock.patch.object(frames, "APART_BYTES", 32),
    ):
        assert delivered(partial(OURS, max_direct_bytes=SMALL_LIMIT), data, cuts, pump_at, SMALL_LIMIT) == expected
