"""The simulator's side of a program that started it: lines of JSON on standard output, orders on standard input.

``ready`` tells the ports. Then each line of input begins a fault and is answered by ``{"error": text or null}``.
The end of the input, which the death of the other program is as well, ends the simulator.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Callable, Sequence

from lablink_dpg.sim.faults import Faults


def say(**content: object) -> None:
    os.write(1, json.dumps(content).encode() + b"\n")  # a short line goes whole into a pipe


def ready(scheme: str, ports: Sequence[int]) -> None:
    say(scheme=scheme, port=ports[0], ws_port=ports[-1], pid=os.getpid())


def obey(faults: Faults, stop: Callable[[], None]) -> None:
    """Read orders from now on, in a thread of its own; the event loop, which calls this, carries them out."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        # os.read, not sys.stdin: a thread blocked in the latter holds a lock that the interpreter's exit wants.
        waiting = b""
        while piece := os.read(0, 4096):
            *lines, waiting = (waiting + piece).split(b"\n")
            for line in lines:
                loop.call_soon_threadsafe(_begin, faults, line.decode(errors="replace"))
        loop.call_soon_threadsafe(stop)

    threading.Thread(target=read, name="stdin", daemon=True).start()


def _begin(faults: Faults, text: str) -> None:
    try:
        faults.begin(text)
    except (ValueError, OSError) as problem:
        say(error=str(problem))
    else:
        say(error=None)
