"""Tests of the server that the link's tests misbehave with: it ends without a trace."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress

from tests.link.lab import Lab

STOPS = 150  # without the mend about every fourth of them lost a connection
REQUEST = b"GET /api HTTP/1.1\r\n\r\n"


def test_a_connection_that_comes_while_the_server_stops_is_not_lost() -> None:
    """What nobody closed is found by the garbage collector at the end of the test, and fails it."""
    ports: list[int] = []
    is_over = threading.Event()

    def knock() -> None:
        while not is_over.wait(0.0002):
            with suppress(OSError), socket.create_connection(("127.0.0.1", ports[-1]), 1.0) as client:
                client.sendall(REQUEST)

    with Lab() as lab:
        ports.append(lab.port)
        knocker = threading.Thread(target=knock)
        knocker.start()
        try:
            for _ in range(STOPS):
                lab.stop()
                lab.start()
        finally:
            is_over.set()
            knocker.join()
        left = [each for each in asyncio.all_tasks(lab._loop) if not each.done()]
    assert len(left) <= 2, "the connection that is being served at the end, if there is one"
