"""Starting streams on a connection in the order that ``suspects`` allows, and noticing when the connection is dead.

Dead is a connection over which nothing comes any more, though the server answers pings sent after everything was due.
To be sure, a stream that has sent before is asked for once more: its first message comes at once where anybody lives,
also when it was only another client that had stopped the streams.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from lablink_dpg.link.devices import Device, Devices
from lablink_dpg.link.errors import LinkDown
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.pulse import Pulse
from lablink_dpg.link.receiver import Receiver
from lablink_dpg.link.requester import Requester
from lablink_dpg.link.streams import ACQUISITION, Stream, StreamKey, Streams, key_of
from lablink_dpg.link.suspects import Suspects
from lablink_dpg.link.watchdog import SILENT_INTERVALS

FIRST_US = 300_000  # until the first message of a stream that is alone; it is sent at once, but somebody has to make it
DEAD = "the server answers, and sends nothing on this connection any more"


class ConnectionDead(LinkDown):
    """The connection has to be made again."""


class Starter:
    """Network thread only; ``opened`` for each connection."""

    def __init__(
        self,
        streams: Streams,
        devices: Devices,
        suspects: Suspects[StreamKey],
        requester: Requester,
        receiver: Receiver,
        options: LinkOptions,
        now_us: Callable[[], int],
        *,
        on_unserved: Callable[[Stream | Device], None],
        on_given_up: Callable[[Stream | Device], None],
    ) -> None:
        """``on_unserved``: one that is not to be had on this connection, or not soon. ``on_given_up``: it was asked for
        at last, and nothing comes."""
        self._streams = streams
        self._devices = devices
        self._suspects = suspects
        self._requester = requester
        self._receiver = receiver
        self._now_us = now_us
        self._on_unserved = on_unserved
        self._on_given_up = on_given_up
        self._silence_us = int(options.silence_s * 1e6)
        self._alert_us = int(options.alert_s * 1e6)
        self._probe_wait_us = int(options.probe_s * 1e6)
        self._unserved_us = int(options.unserved_s * 1e6)
        self._rerequest_us = int(options.rerequest_s * 1e6)
        self._pulse: Pulse | None = None
        self._opened_us = 0
        self._probed_us: int | None = None  # when a stream was asked for to see whether anybody lives
        self._is_woken = False
        self._is_queue = False  # at the last look some had not been asked for yet
        self._is_ready = False  # what is there was listed, or the list takes too long

    def opened(self, pulse: Pulse) -> None:
        """A new connection; ``pulse`` is its."""
        self._pulse = pulse
        self._opened_us = self._now_us()
        self._probed_us = None
        self._is_ready = False
        self._suspects.opened()
        for key in self._suspects.poisonous:
            self._requester.stop(key)  # another client may have started it; nobody can have anything of it

    def closed(self) -> None:
        self._pulse = None

    @property
    def is_in_hurry(self) -> bool:
        """Streams wait for others to prove themselves, or all for a sign of life."""
        return self._probed_us is not None or (self._suspects.is_careful and bool(self._suspects.in_flight))

    def begin(self) -> None:
        """Streams may be started; something may be new."""
        self._is_ready = True
        self._wake()

    def _wake(self) -> None:
        """Start what may be started, soon, and once however often this is called."""
        if self._is_ready and not self._is_woken:
            self._is_woken = True
            asyncio.get_running_loop().call_soon(self._start)

    def heard(self, key: StreamKey) -> None:
        """Its first message on this connection, or since it was found silent."""
        self._suspects.heard(key)
        if not self._suspects.in_flight:
            self._wake()

    def restart(self, each: Stream | Device) -> None:
        """Ask again for one that was found silent, unless others still wait to be asked for the first time."""
        if self._is_queue:
            return  # the watchdog asks for it again
        key = _key_of(each)
        self._suspects.restarted(key)
        self._requester.start(key)

    def look(self, now_us: int) -> None:
        """Called on each beat of the watchdog.

        Raises:
            ConnectionDead: if the connection has to be made again.
        """
        pulse = self._pulse
        if pulse is None or not self._requester.is_idle:
            return
        self._give_up_silent(pulse, now_us)
        self._look_for_life(pulse, now_us)
        self._serve_otherwise(now_us)
        self._wake()

    def _start(self) -> None:
        self._is_woken = False
        if self._pulse is None:
            return
        wanted = []
        for each in (*self._streams, *self._devices):
            if isinstance(each, Stream) and not each.is_live:
                continue
            key = _key_of(each)
            wanted.append(key)
            if each.asked_us is None and self._requester.is_idle and self._suspects.is_started(key):
                self._suspects.withdraw(key)  # it ended and runs again: it has to be asked for again
        alone = frozenset(key for key in wanted if key[1] != ACQUISITION)
        for key in self._suspects.next_starts(wanted, alone, self._now_us() / 1e6):
            self._requester.start(key)

    # -- one stream is silent -------------------------------------------------------------------------------------

    def _give_up_silent(self, pulse: Pulse, now_us: int) -> None:
        """Those that have not sent although the connection has lived long enough after they were asked for."""
        for key in list(self._suspects.in_flight):
            each = self._of(key)
            if each is None:
                self._suspects.given_up(key)
                continue
            asked_us, limit_us = each.asked_us, max(self._silence_us, int(SILENT_INTERVALS * _interval_us(each)))
            if asked_us is None:
                continue
            has_lived_us = self._receiver.broadcast_us - asked_us
            if pulse.proven_us - asked_us > limit_us and has_lived_us > limit_us // 2:
                self._suspects.given_up(key)
                self._on_given_up(each)
            elif now_us - asked_us > limit_us >= pulse.proven_us - asked_us:
                pulse.want()  # the watchdog does not, for one that was polled before its turn came

    # -- all of them are ------------------------------------------------------------------------------------------

    def _look_for_life(self, pulse: Pulse, now_us: int) -> None:
        if self._probed_us is not None:
            if self._receiver.broadcast_us >= self._probed_us:
                self._probed_us = None
            elif pulse.proven_us > self._probed_us + self._probe_wait_us:
                raise ConnectionDead(DEAD)
            elif now_us > self._probed_us + self._probe_wait_us:
                pulse.want()
            return
        expected = [each for key in self._expected() if (each := self._of(key)) is not None]
        if not expected:
            return
        quiet_since_us = max(self._receiver.broadcast_us, self._requester.sent_us, self._opened_us)
        limit_us = self._quiet_limit_us(expected)
        if now_us <= quiet_since_us + limit_us:
            return
        if pulse.proven_us <= quiet_since_us + limit_us:
            pulse.want()
            return
        witness = self._witness()
        if witness is None:
            raise ConnectionDead(DEAD)
        self._probed_us = now_us
        self._requester.start(witness)
        pulse.want()

    def _expected(self) -> list[StreamKey]:
        """Whose messages should come: those that have just been asked for, and those that came before."""
        return [*self._suspects.in_flight, *self._suspects.heard_here]

    def _quiet_limit_us(self, expected: list[Stream | Device]) -> int:
        flight = self._suspects.in_flight
        is_alert = bool(flight) and (self._suspects.is_careful or any(kind != ACQUISITION for _, kind in flight))
        quickest_us = min(_interval_us(each) for each in expected)
        if is_alert and self._suspects.heard_here:
            return self._alert_us  # however slow they are: one of them can be asked for again
        if is_alert and all(kind == ACQUISITION for _, kind in flight):
            return FIRST_US
        return max(self._silence_us, int(SILENT_INTERVALS * quickest_us))

    def _witness(self) -> StreamKey | None:
        """One that has sent on this connection and still should: the quickest, longest not asked for again."""
        heard = [(key, each) for key in self._suspects.heard_here if (each := self._of(key)) is not None]
        return min(heard, key=lambda item: (_interval_us(item[1]), item[1].asked_us or 0))[0] if heard else None

    def _of(self, key: StreamKey) -> Stream | Device | None:
        """None for one that is no more, or of which nothing is to be expected."""
        name, kind = key
        if kind != ACQUISITION:
            return self._devices.get(key)
        stream = self._streams.get(name)
        return stream if stream is not None and stream.is_live else None

    # -- those that have to wait ----------------------------------------------------------------------------------

    def _serve_otherwise(self, now_us: int) -> None:
        is_late = now_us - self._opened_us > self._unserved_us
        self._is_queue = False
        for each in (*self._streams, *self._devices):
            if each.asked_us is not None or (isinstance(each, Stream) and not each.is_live):
                continue
            is_kept_off = self._suspects.is_kept_off(_key_of(each))
            self._is_queue |= not is_kept_off
            if (is_late or is_kept_off) and not each.is_silent:
                self._on_unserved(each)


def _key_of(each: Stream | Device) -> StreamKey:
    return key_of(each) if isinstance(each, Stream) else each.key


def _interval_us(each: Stream | Device) -> int:
    return (each.plan.interval_ms if isinstance(each, Stream) else each.interval_ms) * 1000
