"""All that goes over one WebSocket after the other: asking for streams, taking their messages, noticing their end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NoReturn

from lablink_dpg.link.devices import Device
from lablink_dpg.link.errors import LinkDown
from lablink_dpg.link.loop import next_beat, race, wait_at_most
from lablink_dpg.link.oversize import Oversize
from lablink_dpg.link.parts import Parts
from lablink_dpg.link.pulse import Pulse
from lablink_dpg.link.receiver import Receiver
from lablink_dpg.link.requester import Requester
from lablink_dpg.link.starter import ConnectionDead, Starter
from lablink_dpg.link.streams import ACQUISITION, Stream, StreamKey, key_of
from lablink_dpg.link.suspects import MAX_FRUITLESS, Suspects
from lablink_dpg.link.watchdog import Watchdog
from lablink_dpg.link.websocket import Socket, SocketLost, TooBig
from lablink_dpg.link.windows import Windows
from lablink_dpg.model.link import StreamState, Wire
from lablink_dpg.model.messages import Reading
from lablink_dpg.wire.encoder import ping

HURRY_S = 0.03  # between two looks while streams have to prove themselves: each of them waits for a look or two
WAITING_S = 0.2  # … at most, while the server has to answer: that it does not is noticed within 5 s
SILENT = "requested, but nothing comes"
POISONOUS = "silences all other streams"
UNSERVED = "has to wait for its turn"


class NobodyAnswers(LinkDown):
    """The connection is half open, or its server frozen."""


class SocketSide:
    """Network thread only."""

    def __init__(
        self,
        parts: Parts,
        *,
        wait_turn: Callable[[], None],
        on_loss: Callable[[Stream], None],
        on_unknown: Callable[[str], None],
        on_silent: Callable[[Stream], None],
        on_revived: Callable[[Stream], None],
        on_uncertain: Callable[[Stream], bool],
        on_event: Callable[[str], None],
    ) -> None:
        """``on_silent``: an acquisition does not come this way; ``on_revived``: it does again.

        ``on_event``: the server has told of something besides samples; with its type."""
        streams, devices, tally, board = parts.streams, parts.devices, parts.tally, parts.board
        options, now_us = parts.options, parts.now_us
        self._streams = streams
        self._devices = devices
        self._tally = tally
        self._board = board
        self._options = options
        self._now_us = now_us
        self._on_loss = on_loss
        self._on_silent = on_silent
        self._on_revived = on_revived
        self._is_open = False
        self._is_wire_missed = False  # it was said that the server does not speak as was wished
        self._answers_pings = False  # the server has, at some time
        self._pulse: Pulse | None = None
        self._answered = asyncio.Event()  # an answer to a ping has come: somebody waits for it
        self._suspects: Suspects[StreamKey] = Suspects(options.poison_retry_s, options.silent_retry_s)
        self._requester = Requester(streams, devices, now_us)
        self._requester.may_ask = self._suspects.is_started
        self._windows = Windows(streams, board, options, now_us, self._requester.ask)
        self._requester.plan_of = self._windows.to_request
        self._oversize = Oversize(streams, board, self._requester)
        self._receiver = Receiver(
            parts.store,
            streams,
            tally,
            board,
            now_us,
            on_loss=self.lost,
            on_revived=self._revived,
            on_unknown=on_unknown,
            on_too_large=lambda: self._oversize.refused(now_us()),
            wait_turn=wait_turn,
            on_proven=lambda stream: self._starter.heard(key_of(stream)),
            on_reading=self._took_reading,
            on_pong=self._took_pong,
            on_uncertain=on_uncertain,
            on_event=on_event,
        )
        self._starter = Starter(
            streams,
            devices,
            self._suspects,
            self._requester,
            self._receiver,
            options,
            now_us,
            on_unserved=self._unserved,
            on_given_up=self._given_up,
        )
        devices.on_off = self._switched_off
        self._watchdog = Watchdog(
            streams, devices, tally, board, options, on_silent=self._found_silent, on_retry=self._starter.restart
        )

    def listed(self) -> None:
        """Something may be new, and what is known is as new as can be had."""
        self._starter.begin()

    def lost(self, stream: Stream, enough: int) -> None:
        """Samples are missing; a window of ``enough`` would have brought them, or none where it is 0."""
        self._on_loss(stream)
        if enough and self._is_open:
            self._windows.lost(stream, enough)

    def forget(self, stream: Stream) -> None:
        self._windows.forget(stream)
        self._suspects.forget([key_of(stream)])

    def hurry(self, is_watched: bool) -> None:
        """Somebody looks at the devices' values, or nobody does any more: they are to come more or less often."""
        for device in self._devices.hurry(is_watched):
            if self._is_open:
                self._requester.start(device.key)

    def pardon(self) -> None:
        """A person wants another try of everything."""
        self._suspects.pardon()

    async def run(self, socket: Socket) -> NoReturn:
        """Until the connection is lost.

        Raises:
            LinkDown: with the reason.
        """
        self._is_open = True
        self._tell_wire(socket)
        self._pulse = Pulse(self._options, self._now_us(), is_known_to_answer=self._answers_pings)
        self._starter.opened(self._pulse)
        try:
            await race(socket.pump(self._receiver.take), self._requester.run(socket), self._watch(socket, self._pulse))
        except TooBig as lost:
            self._oversize.refused(self._now_us())
            raise LinkDown(lost.reason) from None
        except SocketLost as lost:
            raise LinkDown(lost.reason) from None
        except NobodyAnswers:
            socket.abandon()
            raise
        except ConnectionDead as dead:
            self._blame()
            is_hopeless = self._suspects.unexplained > 1 or self._suspects.fruitless > MAX_FRUITLESS
            raise LinkDown(dead.reason, is_at_once=not is_hopeless) from None
        finally:
            self._is_open = False
            self._board.show(wire=None)
            self._starter.closed()
            self._requester.forget()
        raise AssertionError("none of them ends without an error")

    def _tell_wire(self, socket: Socket) -> None:
        wire = Wire.TYPED if socket.is_typed else Wire.JSON
        self._board.show(wire=wire)
        if wire is Wire.TYPED:
            self._is_wire_missed = False
        elif self._options.wire is Wire.TYPED and not self._is_wire_missed:
            self._is_wire_missed = True
            self._board.say("the server does not know typed messages: samples come as JSON", is_warning=True)

    async def _watch(self, socket: Socket, pulse: Pulse) -> NoReturn:
        while True:
            now_us = self._now_us()
            if self._watchdog.check(now_us, pulse.proven_us):
                pulse.want()
            self._starter.look(now_us)
            if pulse.look(now_us, self._receiver.messages):
                await socket.send(ping())
            if pulse.is_dead:
                raise NobodyAnswers("the server does not answer any more")
            if pulse.is_behind:
                self._board.say("the connection is behind: what comes is over 2 s old", is_warning=True)
            self._windows.check(now_us)
            self._oversize.check(now_us)
            pause_s = HURRY_S if self._starter.is_in_hurry else self._watchdog.pause_s
            if pulse.is_waiting:
                await wait_at_most(self._answered, min(pause_s, WAITING_S))
            else:
                await next_beat(pause_s)  # for days: half the price

    def _took_pong(self) -> None:
        self._answers_pings = True
        if self._pulse is not None:
            self._pulse.answered()
            self._answered.set()

    def _took_reading(self, reading: Reading) -> None:
        device = self._devices.heard(reading)
        if device is not None and not device.is_proven:
            device.is_proven = True
            self._starter.heard(device.key)

    def _switched_off(self, device: Device) -> None:
        """Nobody here wants it any more."""
        self._suspects.withdraw(device.key)
        if self._is_open:
            self._requester.stop(device.key)

    # -- what does not come this way -----------------------------------------------------------------------------

    def _found_silent(self, each: Stream | Device) -> None:
        if isinstance(each, Device):
            self._devices.set_state(each, StreamState.SILENT, SILENT)
            return
        self._streams.set_state(each, StreamState.SILENT)
        self._streams.set_note(each, SILENT)
        self._on_silent(each)

    def _unserved(self, each: Stream | Device) -> None:
        key = key_of(each) if isinstance(each, Stream) else each.key
        note = UNSERVED
        if self._suspects.is_kept_off(key):
            note = POISONOUS if key in self._suspects.poisonous else SILENT
        each.is_silent = True
        if isinstance(each, Device):
            self._devices.set_state(each, StreamState.SILENT, note)
            return
        self._streams.set_state(each, StreamState.SILENT)
        self._streams.set_note(each, note)
        self._on_silent(each)

    def _given_up(self, each: Stream | Device) -> None:
        """Those that had to wait for their turn are silent already to the watchdog; now it is known why."""
        if each.note != UNSERVED:
            return
        self._tally.silent_streams += 1
        if isinstance(each, Device):
            self._devices.set_state(each, each.state, SILENT)
        else:
            self._streams.set_note(each, SILENT)

    def _revived(self, stream: Stream) -> None:
        stream.is_silent = False
        self._streams.set_note(stream, "")
        self._on_revived(stream)
        self._board.say_of_stream(stream.info.name, "data come over the WebSocket again", is_warning=False)

    def _blame(self) -> None:
        """The connection is dead: say whose fault it is, if that is known."""
        self._tally.zombies += 1
        for key in self._suspects.died(self._now_us() / 1e6):
            what = POISONOUS if key in self._suspects.poisonous else "sends nothing, and nothing else came"
            self._board.say(f"{self._name(key)}: {what}; kept off the WebSocket", is_warning=True)

    def _name(self, key: StreamKey) -> str:
        name, kind = key
        stream = self._streams.get(name) if kind == ACQUISITION else None
        return stream.info.name if stream is not None else f"{name} {kind}"
