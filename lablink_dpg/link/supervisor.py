"""Keeping one server linked: connect, stream or poll, wait, try again, until it is cancelled.

It does what the table in ``machine`` says; each state's work is one race of coroutines, so that leaving a state for
whatever reason ends all of its work, and nothing else has to remember what was running.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from typing import NoReturn

from lablink_dpg.link.address import ServerAddress
from lablink_dpg.link.backoff import Pace
from lablink_dpg.link.board import Board
from lablink_dpg.link.credentials import Credentials
from lablink_dpg.link.devices import Devices
from lablink_dpg.link.door import Door
from lablink_dpg.link.errors import LinkDown
from lablink_dpg.link.loop import race, wait_at_most
from lablink_dpg.link.machine import LinkInput, advance
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.parts import Parts
from lablink_dpg.link.presence import Presence
from lablink_dpg.link.rest import SESSIONS, Rest
from lablink_dpg.link.streams import Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.link.tls import tls_context
from lablink_dpg.link.ways import Ways
from lablink_dpg.link.websocket import Socket
from lablink_dpg.model.commands import Command, Forget, Login, ReconnectNow, SetMode
from lablink_dpg.model.link import LinkState, Mode
from lablink_dpg.store.store import Store

_log = logging.getLogger(__name__)


class Supervisor:
    """Network thread only."""

    def __init__(
        self,
        address: ServerAddress,
        options: LinkOptions,
        store: Store,
        now_us: Callable[[], int],
        tally: Tally,
        streams: Streams,
        board: Board,
        rng: random.Random,
        wait_turn: Callable[[], None],
    ) -> None:
        self._address = address
        self._options = options
        self._now_us = now_us
        self._tally = tally
        self._board = board
        self._state = LinkState.IDLE
        self._has_been_up = False
        self._up_since_s = 0.0  # of the loop's clock
        self._kicked = asyncio.Event()  # the user wants another try now
        self._tls = tls = tls_context(address, is_insecure=options.is_insecure, ca_file=options.ca_file)
        self._credentials = Credentials(
            address,
            options,
            tls,
            on_need=lambda need, why: board.show(needs=need, needs_why=why),
            on_secret=board.hide,
            say=lambda text, is_warning: board.say(text, is_warning=is_warning, is_always=True),
        )
        self._pace = Pace(
            rng, options.backoff_first_s, options.backoff_max_s, options.quick_retry_s, options.quick_for_s
        )
        self._presence = Presence(options.rest_silence_s, lambda reason: board.show(rest_reason=reason))
        devices = Devices(tally, board, options, now_us)
        board.readings = devices.frozen
        self._ways = Ways(Parts(store, streams, devices, tally, board, options, now_us), address.shown, wait_turn)
        self._door = Door(address, options, tls, self._credentials, self._pace, self._ways.listing)

    def command(self, command: Command) -> None:
        """Those about the link end the present attempt and begin another without delay; orders leave it as it is."""
        match command:
            case SetMode():
                self._ways.mode = command.mode
                self._board.show(mode=command.mode)
                self._board.say(f"mode {command.mode.value} chosen", is_always=True)
            case Login():
                if not self._credentials.log_in(command) or self._state is LinkState.STREAMING:
                    return  # what streams goes on: the next call over REST logs in
            case Forget() if not self._credentials.is_wanted:
                self._board.say("there is no login to end: the server wants none", is_always=True)
                return
            case Forget():
                self._credentials.log_out()
                self._board.say("logged out", is_always=True)
            case ReconnectNow():
                self._credentials.ask_again()
                self._ways.pardon()
                self._board.say("reconnect asked for", is_always=True)
            case _:
                self._ways.do(command)
                return
        self._kicked.set()

    async def run(self) -> NoReturn:
        """Until cancelled."""
        clock = asyncio.get_running_loop().time
        connecting = f"connecting to {self._address.shown}"
        self._enter(LinkInput.START, connecting)
        if self._options.is_insecure and self._address.is_secure:
            self._board.show(is_insecure=True)
            self._board.say("the certificate is not verified: whoever answers is believed", is_warning=True)
        async with Rest(
            self._address,
            self._options,
            self._tls,
            on_call=lambda error: self._presence.note(error, clock()),
            credentials=self._credentials,
        ) as rest:
            await race(self._keep_linked(rest, connecting), self._ways.take_orders(rest))
        raise AssertionError("none of them ends")

    async def _keep_linked(self, rest: Rest, connecting: str) -> NoReturn:
        delay_s = 0.0  # before the WebSocket is tried; REST is asked meanwhile
        while True:
            try:
                await race(self._attempt_and_close(rest, delay_s), self._kicked.wait())
                self._kicked.clear()
                self._pace.reset()
                delay_s = 0.0
                self._enter(LinkInput.RETRY, connecting)
            except LinkDown as down:
                delay_s = await self._lost(down)
            except Exception as fault:  # ours: a link that dies of it silently would leave a frozen display
                _log.exception("the link failed by a fault of its own")
                delay_s = await self._lost(LinkDown(f"internal fault: {type(fault).__name__}"))
            if self._state is LinkState.WAITING:
                self._enter(LinkInput.RETRY, connecting)

    def stopped(self) -> None:
        """The user ended the link."""
        self._ways.disconnected()
        self._enter(LinkInput.STOP, "")

    def _enter(self, happened: LinkInput, reason: str, next_retry_us: int | None = None) -> None:
        self._state = advance(self._state, happened)
        self._board.enter(self._state, reason, next_retry_us, is_failure=happened is LinkInput.LOST)

    async def _lost(self, down: LinkDown) -> float:
        """A link that was up is tried again at once, one that was not after a wait, spent here.

        Returns how long the WebSocket of the next attempt has to wait.
        """
        now_s = asyncio.get_running_loop().time()
        self._ways.disconnected()
        if self._state is not LinkState.CONNECTING:
            is_stable = now_s - self._up_since_s >= self._options.stable_s
            delay_s = 0.0 if down.is_at_once else self._pace.lost(now_s, was_stable=is_stable)
            self._enter(LinkInput.LOST, down.reason, self._after(delay_s) if delay_s else None)
            return delay_s
        delay_s = max(self._pace.next_s(now_s), down.retry_s)
        self._enter(LinkInput.LOST, down.reason, self._after(delay_s))
        if await wait_at_most(self._kicked, delay_s):
            self._pace.reset()
        return 0.0

    def _after(self, seconds: float) -> int:
        return self._now_us() + int(seconds * 1e6)

    async def _attempt_and_close(self, rest: Rest, delay_s: float) -> None:
        self._ways.disconnected()
        self._presence.forget()
        try:
            disorder = await self._door.meet(rest)
            if disorder is not None:
                self._tally.rest_failed(disorder)
                self._board.say(f"server not identified: {disorder.detail}", is_warning=True)
            if self._ways.mode is Mode.POLLING:
                await asyncio.sleep(delay_s)
                await self._door.greet(rest)
                await self._poll(rest, "polling, as chosen")
            await self._stream(rest, await self._connect(rest, delay_s))
        finally:
            # No stop_acquisition_stream: streams are global to the server, and another client may be watching them.
            # The server ends them all when its last connection closes.
            await self._door.close()

    async def _connect(self, rest: Rest, delay_s: float) -> Socket:
        """A WebSocket; until there is one everything is polled, where REST answers and the user wants it.

        Raises:
            LinkDown: if there is neither.
        """
        is_refused = asyncio.Event()
        refusal = LinkDown("the WebSocket does not answer")
        retry_us: int | None = None

        def on_refused(down: LinkDown, wait_s: float) -> None:
            nonlocal refusal, retry_us
            refusal, retry_us = down, self._after(wait_s)
            is_refused.set()
            if self._state is LinkState.POLLING:
                self._board.enter(self._state, f"{down.reason}; polling over REST", retry_us)

        async def instead() -> Socket:
            if self._ways.mode is Mode.WEBSOCKET:
                await is_refused.wait()
                raise refusal
            if not delay_s:
                await wait_at_most(is_refused, self._options.poll_after_s, keep=True)
            try:
                await self._door.greet(rest)
            except LinkDown:
                await is_refused.wait()  # a handshake that hangs may yet be answered
                raise
            self._tally.fallbacks += 1
            await self._poll(rest, f"{refusal.reason}; polling over REST", retry_us)

        return await race(self._door.open(delay_s, on_refused), instead())

    async def _poll(self, rest: Rest, reason: str, next_retry_us: int | None = None) -> NoReturn:
        """Everything over REST; raises LinkDown when REST is gone."""
        self._came_up()
        self._enter(LinkInput.REST_ONLY, reason, next_retry_us)
        await race(
            self._presence.raise_when_gone(),
            self._credentials.raise_when_refused(SESSIONS),
            self._ways.poll(rest),
        )
        raise AssertionError("none of them ends without an error")

    async def _stream(self, rest: Rest, socket: Socket) -> NoReturn:
        """Over the WebSocket what comes that way; raises LinkDown when the connection is lost."""
        if self._state is LinkState.CONNECTING:
            self._came_up()
        self._enter(LinkInput.SOCKET_OPENED, "")
        await self._ways.stream(rest, socket)

    def _came_up(self) -> None:
        self._up_since_s = asyncio.get_running_loop().time()
        self._tally.reconnects += self._has_been_up
        self._has_been_up = True
