"""Who makes things go wrong: each fault of ``script``'s table, at its time or at once.

Faults may overlap; each undoes only what it did itself. Event loop only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import HTMLResponse, PlainTextResponse, Response

from lablink_dpg.sim.doors import Doors
from lablink_dpg.sim.faults import ACQUISITION, swapped, whole
from lablink_dpg.sim.freezer import freeze
from lablink_dpg.sim.garbage import KINDS as GARBAGE_KINDS
from lablink_dpg.sim.lab import Lab
from lablink_dpg.sim.script import Fault, parse
from lablink_dpg.sim.websocket import respond

GOING_AWAY: Final = 1001
NO_CLOSE_FRAME: Final = 1006
END_S: Final = 0.3  # of a restart: for connections to end in order
THAWED_S: Final = 1.0  # after the end of a freeze its child is gone for certain
RIVAL_SLOW_MS: Final = 1000
RIVAL_SMALL: Final = 10  # samples


@dataclass(eq=False, slots=True)
class _Lasting:
    undo: Callable[[], None]
    timer: asyncio.TimerHandle | None = None


class Director:
    def __init__(self, lab: Lab, doors: Doors) -> None:
        self._lab = lab
        self._doors = doors
        self._lasting: list[_Lasting] = []
        self._waiting: list[Fault] = []  # for the first connection
        self._timers: list[asyncio.TimerHandle] = []
        self._acts: Mapping[str, Callable[..., None]] = {
            "refuse": self._refuse,
            "no-ws": self._no_ws,
            "reset": doors.reset,
            "restart": self._restart,
            "close": self._close,
            "blackhole": self._blackhole,
            "freeze": lambda seconds: self._lasts(freeze(seconds), seconds + THAWED_S),
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
        self._waiting += [fault for fault in faults if fault.at_s is not None]
        self._doors.on_contact = self._contacted

    def close(self) -> None:
        """Undo what lasts, so that the server can end in order."""
        self._waiting.clear()
        for timer in self._timers:
            timer.cancel()
        self._clear()

    def _contacted(self) -> None:
        loop = asyncio.get_running_loop()
        for fault in self._waiting:
            self._timers.append(loop.call_later(fault.at_s or 0.0, self._act, fault))
        self._waiting.clear()

    def _act(self, fault: Fault) -> None:
        self._acts[fault.name](*fault.arguments)

    def _lasts(self, undo: Callable[[], None], seconds: float | None = None) -> None:
        """``undo`` is called once: after so long, or when all is cleared."""
        lasting = _Lasting(undo)
        self._lasting.append(lasting)
        if seconds is not None:
            lasting.timer = asyncio.get_running_loop().call_later(seconds, self._undo, lasting)

    def _undo(self, lasting: _Lasting) -> None:
        self._lasting.remove(lasting)
        if lasting.timer is not None:
            lasting.timer.cancel()
        lasting.undo()

    def _set(self, **attributes: Any) -> None:
        for name, value in attributes.items():
            setattr(self._lab.faults, name, value)

    # -- the network ---------------------------------------------------------------------------------------------

    def _refuse(self, seconds: float) -> None:
        self._doors.close()
        self._doors.reset()
        self._lasts(self._doors.open, seconds)

    def _no_ws(self, status: int | None) -> None:
        self._lab.hub.close_all(GOING_AWAY)
        if status is not None:
            self._set(ws_status=status)
        else:
            door = self._doors.doors[-1:]
            self._doors.close(door)
            self._lasts(lambda: self._doors.open(door))

    def _restart(self, is_kept: bool, seconds: float) -> None:
        self._doors.close()
        for door in self._doors.doors:
            door.ask_to_end()
        self._lasts(self._end, min(END_S, seconds))
        self._lasts(lambda: self._come_back(is_kept), seconds)

    def _end(self) -> None:
        self._doors.reset()  # who has not gone by now
        self._lab.hub.stop_all()

    def _come_back(self, is_kept: bool) -> None:
        if not is_kept:
            self._lab.renew_acquisitions()
        self._doors.open()

    def _close(self, code: int) -> None:
        if code == NO_CLOSE_FRAME:
            self._doors.drop_websockets()
        else:
            self._lab.hub.close_all(code)

    def _blackhole(self, seconds: float) -> None:
        self._doors.darken()
        self._lasts(self._doors.lighten, seconds)

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
        for lasting in list(self._lasting):
            self._undo(lasting)


def _crash() -> Response:
    return PlainTextResponse("Internal Server Error", 500)


def _page(status: int) -> Response:
    return HTMLResponse("<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>", status)


def _other_type() -> Response:
    return PlainTextResponse('["not", "what", "was", "asked", "for"]')
