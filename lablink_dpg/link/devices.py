"""The devices' own streams, readings and measurements: the newest values of each, over the WebSocket or over REST.

Released servers acknowledge these streams and send nothing, or choke on the first message, so REST is asked until a
message has come and again when none come any more. Only the newest values are kept; nothing is lost that way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NoReturn

from lablink_dpg.link.board import Board
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.rest import Rest, RestError
from lablink_dpg.link.streams import StreamKey
from lablink_dpg.link.tally import Tally
from lablink_dpg.model.equipment import EquipmentInfo
from lablink_dpg.model.link import DeviceReading, LinkState, StreamState, Way
from lablink_dpg.model.messages import Reading

MAX_DEVICES = 256  # more than a bench has sockets; the rest of a longer list is not read
READINGS = "readings"
MEASUREMENTS = "measurements"
KINDS = {"oscilloscope": MEASUREMENTS}  # what devices of a type send; all others send readings
ON_REST = frozenset({READINGS})
FAILED_PAUSE_S = 5.0  # before a device whose call failed is asked again


@dataclass(slots=True)
class Device:
    """One stream of one device. Network thread only."""

    key: StreamKey
    interval_ms: int
    state: StreamState = StreamState.WAITING
    asked_us: int | None = None  # when it was requested on the present connection
    heard_us: int = 0  # when its last message came, on any connection
    is_proven: bool = False  # a message came since it was last requested on the present connection
    is_silent: bool = False  # no messages of it are to be had on this connection, as far as is known; until one comes
    is_readable: bool = True  # over REST
    note: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    at_us: int | None = None
    way: Way | None = None
    is_on: bool = True  # a person wants its values

    def frozen(self) -> DeviceReading:
        return DeviceReading(
            self.key[0], self.key[1], self.state, self.data, self.at_us, self.way, self.note, self.is_on
        )


class Devices:
    """{stream key → Device}, in the order of the server's list. Network thread only."""

    def __init__(self, tally: Tally, board: Board, options: LinkOptions, now_us: Callable[[], int]) -> None:
        self._tally = tally
        self._board = board
        self._is_on = options.readings
        self._interval_ms = self._rest_ms = options.readings_interval_ms
        self._watched_ms = min(options.readings_watched_ms, options.readings_interval_ms)
        self._poll_s = options.readings_poll_ms / 1000
        self._now_us = now_us
        self._off: dict[str, None] = {}  # equipment ids that a person has switched off; bounded, the oldest go
        self.on_off: Callable[[Device], None] = lambda _: None  # its stream has to end; may be replaced
        self._devices: dict[StreamKey, Device] = {}
        self._frozen: Mapping[StreamKey, DeviceReading] | None = None  # None while it must be made anew

    def __iter__(self) -> Iterator[Device]:
        """Those that somebody wants."""
        return iter([device for device in self._devices.values() if device.is_on])

    def get(self, key: StreamKey) -> Device | None:
        return self._devices.get(key)

    def update(self, equipment: tuple[EquipmentInfo, ...]) -> bool:
        """These are connected now; whether others were before."""
        keys = [(each.equipment_id, KINDS.get(each.type, READINGS)) for each in equipment[:MAX_DEVICES]]
        if not self._is_on or keys == list(self._devices):
            return False
        self._devices = {key: self._devices.get(key) or self._new(key) for key in keys}
        self._frozen = None
        return True

    def _new(self, key: StreamKey) -> Device:
        is_on = key[0] not in self._off
        state = StreamState.WAITING if is_on else StreamState.STOPPED
        return Device(key, self._interval_ms, state, is_readable=key[1] in ON_REST, is_on=is_on)

    def hurry(self, is_watched: bool) -> list[Device]:
        """Somebody looks at the values, or nobody does any more; those whose streams have to be asked for anew."""
        self._board.is_watched = is_watched
        wanted_ms = self._watched_ms if is_watched else self._rest_ms
        if wanted_ms == self._interval_ms:
            return []
        self._interval_ms = wanted_ms
        changed = [device for device in self._devices.values() if device.interval_ms != wanted_ms]
        for device in changed:
            device.interval_ms = wanted_ms
        return [device for device in changed if device.is_on and device.asked_us is not None]

    def watch(self, equipment_id: str, is_on: bool) -> None:
        """Have its values come, or not: then it is neither streamed nor polled, on later connections as well.

        A stream is global to its server, so switching it off ends it for every client: a person has asked for that.
        """
        self._off.pop(equipment_id, None)
        if not is_on:
            self._off[equipment_id] = None
            if len(self._off) > MAX_DEVICES:
                del self._off[next(iter(self._off))]
        for device in self._devices.values():
            if device.key[0] == equipment_id and device.is_on is not is_on:
                device.is_on = is_on
                device.asked_us = None
                device.is_silent = device.is_proven = False
                self.set_state(device, StreamState.WAITING if is_on else StreamState.STOPPED)
                if not is_on:
                    self.on_off(device)

    def asked(self, key: StreamKey, now_us: int) -> Device | None:
        """Its stream is requested now; None if it is gone, or nobody wants it."""
        device = self._devices.get(key)
        if device is None or not device.is_on:
            return None
        device.asked_us = now_us
        device.is_proven = False
        if device.state in (StreamState.WAITING, StreamState.UNPOLLED):
            self.set_state(device, StreamState.STARTING)
        return device

    def heard(self, reading: Reading) -> Device | None:
        """A message came; None if it is of a stream that is not shown here."""
        device = self._devices.get((reading.equipment_id, reading.stream_type))
        if device is None or not device.is_on:  # another client may have started it
            return None
        device.heard_us = self._now_us()
        device.is_silent = False
        device.note = ""
        self._note(device, reading.data, Way.WEBSOCKET, StreamState.STREAMING)
        return device

    def set_state(self, device: Device, state: StreamState, note: str = "") -> None:
        device.state, device.note = state, note
        self._frozen = None

    def disconnected(self) -> None:
        """The link is down: what is shown is old."""
        for device in self._devices.values():
            device.asked_us = None
            device.is_silent = device.is_proven = False
            self.set_state(device, StreamState.WAITING if device.is_on else StreamState.STOPPED)

    def frozen(self) -> Mapping[StreamKey, DeviceReading]:
        if self._frozen is None:
            self._frozen = MappingProxyType({key: device.frozen() for key, device in self._devices.items()})
        return self._frozen

    async def poll(self, rest: Rest) -> NoReturn:
        """Read over REST, one after the other, whatever does not come over the WebSocket; until cancelled."""
        try:
            await self._keep_reading(rest)
        finally:  # what comes next may have them
            self._change(StreamState.UNPOLLED, StreamState.WAITING)

    async def _keep_reading(self, rest: Rest) -> NoReturn:
        clock = asyncio.get_running_loop().time
        pauses: dict[StreamKey, float] = {}  # until when one whose call failed is left alone
        while True:
            began_s = clock()
            if self._board.status.state is LinkState.POLLING:
                self._change(StreamState.WAITING, StreamState.UNPOLLED)
            for device in self:
                is_due = device.is_readable and device.is_on and pauses.get(device.key, 0.0) <= clock()
                if is_due and device.state is not StreamState.STREAMING and not await self._read(rest, device):
                    pauses[device.key] = clock() + FAILED_PAUSE_S
            await asyncio.sleep(max(self._poll_s / 2, began_s + self._poll_s - clock()))

    def _change(self, before: StreamState, after: StreamState) -> None:
        """Of those that are not to be had over REST."""
        for device in self:
            if device.state is before and not device.is_readable:
                self.set_state(device, after)

    async def _read(self, rest: Rest, device: Device) -> bool:
        """Whether it went well."""
        try:
            data = await rest.readings(device.key[0])
        except RestError as error:
            self._tally.rest_failed(error)
            self._board.say_of_one(
                f"{device.key[0]} not read: {error.detail}", f"several devices not read: {error.kind}"
            )
            return False
        if data is None:
            device.is_readable = False
        elif device.is_on and device.state is not StreamState.STREAMING:  # either may have changed in the meantime
            self._note(device, data, Way.REST, StreamState.POLLED)
            self._board.post(Reading(*device.key, data, device.at_us))
        return True

    def _note(self, device: Device, data: Mapping[str, Any], way: Way, state: StreamState) -> None:
        device.data, device.at_us, device.way, device.state = data, self._now_us(), way, state
        self._frozen = None
        self._board.publish_soon()
