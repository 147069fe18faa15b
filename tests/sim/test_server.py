"""Tests of lablink_dpg.sim.server."""

from __future__ import annotations

import socket

from lablink_dpg.sim.server import bind


def test_answers_do_not_wait_for_acknowledgements() -> None:
    with (
        bind("127.0.0.1", 0) as listening,
        socket.create_connection(listening.getsockname()),
        listening.accept()[0] as connection,
    ):
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
