"""Tests of lablink_dpg.sim.doors: a port that closes while somebody comes in."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

CLOSINGS = 30  # most of them lost a connection before accepting and closing knew of each other
COMMAND = [sys.executable, "-W", "always::ResourceWarning", "-m", "lablink_dpg.sim", "--supervised", "--port", "0"]
REQUEST = b"GET /api HTTP/1.1\r\nHost: x\r\n\r\n"
END_S = 30.0  # for a machine whose cores are all busy


def test_no_connection_is_lost_by_a_port_that_closes_while_it_comes() -> None:
    """Lost: nobody in the simulator knows it any more, and only the garbage collector closes it, with a warning."""
    is_over = threading.Event()

    def knock(port: int) -> None:
        while not is_over.wait(0.0002):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0) as client:
                client.sendall(REQUEST)

    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        port = json.loads(process.stdout.readline())["port"]
        knockers = [threading.Thread(target=knock, args=(port,)) for _ in range(2)]
        for each in knockers:
            each.start()
        try:
            for _ in range(CLOSINGS):
                process.stdin.write("refuse:0.01\n")
                process.stdin.flush()
                assert json.loads(process.stdout.readline()) == {"error": None}
                time.sleep(0.03)  # it is open again, and they come in
        finally:
            is_over.set()
            for each in knockers:
                each.join()
            process.stdin.close()  # ends it
            process.stdin = None
        _, said = process.communicate(timeout=END_S)
    assert said == ""
    assert process.returncode == 0
