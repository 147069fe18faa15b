"""Who makes things go wrong: each fault of ``script``'s table, at its time or at once.

Faults may overlap; each undoes only what it did itself. Event loop only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final

from starlette.responses import HTMLResponse, PlainTextResponse, Response

from lablink_dpg.sim.doors import Door, Doors
from lablink_dpg.sim.faults import ACQUISITION, swapped, whole
from lablink_dpg.sim.freezer import freeze, thawed
from lablink_dpg.sim.garbage import KINDS as GARBAGE_KINDS
from lablink_dpg.sim.lab import Lab
from lablink_dpg.sim.script import Fault, parse
from lablink_dpg.sim.websocket import respond

GOING_AWAY: Final = 1001
NO_CLOSE_FRAME: Final = 1006
CUT_AFTER_S: Final = 0.3  # of a restart: for connections to end in order
RIVAL_SLOW_MS: Final = 1000
RIVAL_SMALL: Final = 10  # samples


class Director:
    def __init__(self, lab: Lab, doors: Doors) -> None:
        self._lab = lab
        self._doors = doors
        self._lasting: set[asyncio.Task[None]] = set()  # faults that will undo themselves
        self._waiting: set[asyncio.Task[None]] = set()  # for the time of a fault
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._acts: Mapping[str, Callable[..., None]] = {
            "refuse": self._refuse,
            "no-ws": self._no_ws,
            "reset": doors.reset,
            "restart": self._restart,
            "close": self._close,
            "blackhole": self._blackhole,
            "freeze": lambda seconds: self._last(thawed(freeze(seconds))),
            "silent": lambda which: self._set(silent=which),
            "zombie": lambda which: self._set(poisonous=which),
            "stall": self._stall,
            "rival": self._rival,
            "recount": lambda: self._lab.restart_acquisitions(has_other_channels=False),
            "rechannel": lambda: self._lab.restart_acquisitions(has_other_channels=True),
            "garbage": lambda kind: self._lab.faults.garbage.extend(GARBAGE_KINDS if kind == "all" else (kind,)),
            "huge": self._huge,
            "clock": lambda seconds: self._lab.jump(round(seconds * 1e6)),
            "unsorted": lambda: self._set(stamps=swapped),
            "whole-seconds": lambda: self._set(stamps=whole),
            "expire": lab.access.expire,
            "lock": lambda: lab.access.lock(True),
            "slow-rest": lambda seconds: self._set(rest_delay_s=seconds),
            "rest-500": lambda: self._set(rest_answer=_crash),
            "rest-html": lambda status: self._set(rest_answer=lambda: _page(status)),
            "rest-type": lambda: self._set(rest_answer=_other_type),
            "flood": lambda factor: self._set(flood=factor),
            "clear": self._clear,
        }
        lab.faults.begin = self.begin

    async def run(self) -> None:
        """Ends only with the error of a fault that could not be carried out."""
        await self._failure

    def begin(self, text: str) -> None:
        """Begin a fault now; it holds when this returns.

        Raises:
            ValueError: if there is no such fault, or this server cannot do it.
        """
        fault = parse(text)
        if fault.at_s is not None:
            raise ValueError(f"{text!r}: begins at once, without @SECONDS")
        if fault.needs_own_ws_port and len(self._doors.doors) < 2:
            raise ValueError(f"{text!r}: the WebSocket has no port of its own")
        self._act(fault)

    def play(self, faults: Sequence[Fault]) -> None:
        """Begin those without a time now, the others so long after the first connection."""
        for fault in faults:
            if fault.at_s is None:
                self._act(fault)
            else:
                self._spend(self._later(fault, fault.at_s), self._waiting)

    def close(self) -> None:
        """Undo what lasts, so that the server can end in order."""
        for task in self._waiting:
            task.cancel()
        self._clear()

    def _act(self, fault: Fault) -> None:
        self._acts[fault.name](*fault.arguments)

    async def _later(self, fault: Fault, at_s: float) -> None:
        await self._doors.contacted.wait()
        await asyncio.sleep(at_s)
        self._act(fault)

    def _last(self, work: Coroutine[Any, Any, None]) -> None:
        self._spend(work, self._lasting)

    def _spend(self, work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> None:
        task = asyncio.ensure_future(work)
        tasks.add(task)
        task.add_done_callback(lambda done: self._done(done, tasks))

    def _done(self, task: asyncio.Task[None], tasks: set[asyncio.Task[None]]) -> None:
        tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None and not self._failure.done():
            self._failure.set_exception(problem)

    def _set(self, **attributes: Any) -> None:
        for name, value in attributes.items():
            setattr(self._lab.faults, name, value)

    # -- the network ---------------------------------------------------------------------------------------------

    def _refuse(self, seconds: float) -> None:
        self._doors.close()
        self._doors.reset()
        self._last(self._reopen(seconds))

    async def _reopen(self, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        finally:
            await self._doors.open()

    def _no_ws(self, status: int | None) -> None:
        self._lab.hub.close_all(GOING_AWAY)
        if status is not None:
            self._lab.faults.ws_status = status
        else:
            door = self._doors.doors[-1:]
            self._doors.close(door)
            self._last(self._reopen_when_cleared(door))

    async def _reopen_when_cleared(self, doors: list[Door]) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await self._doors.open(doors)

    def _restart(self, is_kept: bool, seconds: float) -> None:
        self._doors.close()
        for door in self._doors.doors:
            door.ask_to_end()
        self._last(self._come_back(is_kept, seconds))

    async def _come_back(self, is_kept: bool, seconds: float) -> None:
        ending_s = min(CUT_AFTER_S, seconds)
        try:
            await asyncio.sleep(ending_s)
            self._doors.reset()  # who has not gone by now
            self._lab.hub.stop_all()
            await asyncio.sleep(seconds - ending_s)
        finally:
            if not is_kept:
                self._lab.renew_acquisitions()
            await self._doors.open()

    def _close(self, code: int) -> None:
        if code == NO_CLOSE_FRAME:
            self._doors.drop_websockets()
        else:
            self._lab.hub.close_all(code)

    def _blackhole(self, seconds: float) -> None:
        self._doors.darken()
        self._last(self._lighten(seconds))

    async def _lighten(self, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        finally:
            self._doors.lighten()

    # -- the streams ---------------------------------------------------------------------------------------------

    def _stall(self, ms: float) -> None:
        self._set(stalled_until_s=asyncio.get_running_loop().time() + ms / 1000)

    def _rival(self, what: str) -> None:
        """As another client's messages would; the answers go to nobody."""
        lab = self._lab
        for acquisition_id in list(lab.acquisitions):
            request = lab.hub.request((acquisition_id, ACQUISITION))
            kind = "stop_acquisition_stream" if what == "stop" else "start_acquisition_stream"
            message = {
                "type": kind,
                "acquisition_id": acquisition_id,
                "interval_ms": RIVAL_SLOW_MS if what == "slow" else request.interval_ms,
                "num_samples": RIVAL_SMALL if what == "small" else request.num_samples,
            }
            respond(lab, message)

    def _huge(self) -> None:
        """The first acquisition that streams, or the first of all as soon as it does."""
        lab = self._lab
        streaming = [each for each in lab.acquisitions if (each, ACQUISITION) in lab.hub.stream_keys]
        for acquisition_id in (*streaming, *lab.acquisitions):
            is_streaming = acquisition_id in streaming
            request = lab.hub.request((acquisition_id, ACQUISITION))
            lab.faults.make_huge(acquisition_id, request.num_samples if is_streaming else 0)
            return

    # -- the end -------------------------------------------------------------------------------------------------

    def _clear(self) -> None:
        self._lab.faults.forget()
        self._lab.access.lock(False)
        for task in self._lasting:
            task.cancel()


def _crash() -> Response:
    return PlainTextResponse("Internal Server Error", 500)


def _page(status: int) -> Response:
    return HTMLResponse("<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>", status)


def _other_type() -> Response:
    return PlainTextResponse('["not", "what", "was", "asked", "for"]')
