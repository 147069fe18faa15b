"""Keeping one server linked: connect, stream or poll, wait, try again, until it is cancelled.

It does what the table in ``machine`` says; each state's work is one race of coroutines, so that leaving a state for
whatever reason ends all of its work, and nothing else has to remember what was running.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from lablink_dpg.link.address import ServerAddress
from lablink_dpg.link.backfill import Backfiller
from lablink_dpg.link.backoff import Backoff
from lablink_dpg.link.board import Board
from lablink_dpg.link.errors import LinkDown
from lablink_dpg.link.loop import race, wait_at_most
from lablink_dpg.link.machine import LinkInput, advance
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.oversize import Oversize
from lablink_dpg.link.pollers import Pollers
from lablink_dpg.link.receiver import Receiver
from lablink_dpg.link.requester import Requester
from lablink_dpg.link.rest import About, Rest, RestError
from lablink_dpg.link.roster import Roster
from lablink_dpg.link.streams import Stream, Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.link.tls import tls_context
from lablink_dpg.link.watchdog import Watchdog
from lablink_dpg.link.websocket import Socket, SocketLost, SocketRefused, TooBig, dial
from lablink_dpg.link.windows import Windows
from lablink_dpg.model.commands import Command, SetMode
from lablink_dpg.model.link import LinkState, Mode
from lablink_dpg.store.store import Store

MAX_UNREACHABLE = 2  # listings in a row that nobody answers, while polling: then the server is gone
RELIST_PAUSE_S = 0.25  # a listing because of unknown acquisitions waits for more of them
MAX_UNKNOWN = 1024  # ids remembered that no listing has explained

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
        self._store = store
        self._now_us = now_us
        self._tally = tally
        self._streams = streams
        self._board = board
        self._mode = options.mode
        self._state = LinkState.IDLE
        self._has_been_up = False
        self._backoff = Backoff(rng, options.backoff_first_s, options.backoff_max_s)
        self._kicked = asyncio.Event()  # the user wants another try now
        self._relist = asyncio.Event()  # something is unknown
        self._unknown: set[str] = set()  # ids that asked for a listing once already
        self._up_since_s: float | None = None  # of the loop's clock
        self._socket: Socket | None = None  # kept here so that whatever ends an attempt can close it
        self._tls = tls_context(address)
        self._roster = Roster(store, streams, tally, board, address.shown, on_forgotten=self._on_forgotten)
        self._backfiller = Backfiller(store, streams, tally, board)
        self._pollers = Pollers(store, streams, tally, board, options, now_us, on_loss=self._on_loss)
        self._requester = Requester(streams, now_us)
        self._windows = Windows(streams, board, options, now_us, self._requester.ask)
        self._requester.plan_of = self._windows.to_request
        self._oversize = Oversize(streams, board, self._requester)
        self._watchdog = Watchdog(
            streams, tally, board, options, on_silent=self._on_silent, on_retry=self._requester.ask
        )
        self._receiver = Receiver(
            store,
            streams,
            tally,
            board,
            now_us,
            on_loss=self._on_loss,
            on_revived=self._on_revived,
            on_unknown=self._on_unknown,
            on_too_large=self._on_too_large,
            wait_turn=wait_turn,
        )

    def command(self, command: Command) -> None:
        """Every command there is ends the present attempt and begins another without delay."""
        if isinstance(command, SetMode):
            self._mode = command.mode
            self._board.show(mode=command.mode)
            self._board.say(f"mode {command.mode.value} chosen", is_always=True)
        else:
            self._board.say("reconnect asked for", is_always=True)
        self._kicked.set()

    async def run(self) -> NoReturn:
        """Until cancelled."""
        self._enter(LinkInput.START, f"connecting to {self._address.shown}")
        async with Rest(self._address, self._options, self._tls) as rest:
            while True:
                try:
                    await race(self._attempt_and_close(rest), self._kicked.wait())
                    self._backoff.reset()
                except LinkDown as down:
                    await self._wait(down.reason)
                except Exception as fault:  # ours: a link that dies of it silently would leave a frozen display
                    _log.exception("the link failed by a fault of its own")
                    await self._wait(f"internal fault: {type(fault).__name__}")
                self._kicked.clear()
                self._streams.disconnected()
                self._enter(LinkInput.RETRY, f"connecting to {self._address.shown}")

    def stopped(self) -> None:
        """The user ended the link."""
        self._streams.disconnected()
        self._enter(LinkInput.STOP, "")

    def _enter(self, happened: LinkInput, reason: str, next_retry_us: int | None = None) -> None:
        self._state = advance(self._state, happened)
        self._board.enter(self._state, reason, next_retry_us)

    async def _wait(self, reason: str) -> None:
        if self._was_stable():
            self._backoff.reset()
        delay_s = self._backoff.next_s()
        self._streams.disconnected()
        self._enter(LinkInput.LOST, reason, self._now_us() + int(delay_s * 1e6))
        if await wait_at_most(self._kicked, delay_s):
            self._backoff.reset()

    def _was_stable(self) -> bool:
        now_s = asyncio.get_running_loop().time()
        return self._up_since_s is not None and now_s - self._up_since_s >= self._options.stable_s

    async def _attempt_and_close(self, rest: Rest) -> None:
        self._up_since_s = None
        try:
            await self._attempt(rest)
        finally:
            # No stop_acquisition_stream: streams are global to the server, and another client may be watching them.
            # The server ends them all when its last connection closes.
            self._requester.forget()
            socket, self._socket = self._socket, None
            if socket is not None:
                await socket.close()

    async def _attempt(self, rest: Rest) -> None:
        """From the first question until the link is lost; raises LinkDown then, and never returns."""
        about = await self._greet(rest)
        if self._mode is Mode.POLLING:
            await self._poll(rest, "polling, as chosen", self._never())
            return
        try:
            socket = await self._dial()
        except SocketRefused as refused:
            needs_token = about.is_secured and not self._options.token
            reason = f"{refused.reason}{'; this server wants a token' if needs_token else ''}"
            if self._mode is Mode.WEBSOCKET:
                raise LinkDown(reason) from None
            self._tally.fallbacks += 1
            reason = f"{reason}; polling over REST"
            socket = await self._poll(rest, reason, self._redial(reason))
        await self._stream(rest, socket)

    async def _greet(self, rest: Rest) -> About:
        """Learn what the server is. Only its greeting must succeed: it tells a LabLink server from others."""
        try:
            about = await rest.about()
        except RestError as error:
            raise LinkDown(error.detail) from None
        self._board.show(server_version=about.version)
        try:
            self._board.show(equipment=await rest.equipment())
        except RestError as error:
            self._rest_failed("equipment not listed", error)
        return about

    async def _dial(self) -> Socket:
        self._socket = await dial(self._address, self._options, self._tls)
        return self._socket

    def _came_up(self) -> None:
        self._up_since_s = asyncio.get_running_loop().time()
        self._tally.reconnects += self._has_been_up
        self._has_been_up = True

    async def _poll(self, rest: Rest, reason: str, until: Coroutine[Any, Any, Socket]) -> Socket:
        """Everything over REST until there is a WebSocket; raises LinkDown when REST fails as well."""
        self._backoff.reset()  # the server is there
        self._came_up()
        self._enter(LinkInput.REST_ONLY, reason)
        self._streams.disconnected()
        return await race(
            until, self._pollers.run(rest), self._backfiller.run(rest), self._keep_listing(rest, self._poll_if_live)
        )

    @staticmethod
    async def _never() -> NoReturn:
        await asyncio.get_running_loop().create_future()
        raise AssertionError("a future that nobody settles")

    def _poll_if_live(self, stream: Stream) -> None:
        if stream.is_live:
            self._pollers.add(stream)
        else:
            self._pollers.remove(stream)

    async def _redial(self, reason: str) -> Socket:
        while True:
            delay_s = self._backoff.next_s()
            self._board.enter(self._state, reason, self._now_us() + int(delay_s * 1e6))
            await asyncio.sleep(delay_s)
            try:
                return await self._dial()
            except SocketRefused as refused:
                reason = f"{refused.reason}; polling over REST"

    async def _stream(self, rest: Rest, socket: Socket) -> NoReturn:
        """Everything over the WebSocket, silent streams over REST; raises LinkDown when the connection is lost."""
        if self._state is LinkState.CONNECTING:
            self._came_up()
        self._enter(LinkInput.SOCKET_OPENED, "")
        self._streams.disconnected()
        self._watchdog.restart()
        try:
            await race(
                socket.pump(self._receiver.take),
                self._requester.run(socket),
                self._keep_listing(rest, self._requester.ask_if_missing),
                self._watch(),
                self._pollers.run(rest),
                self._backfiller.run(rest),
            )
        except TooBig as lost:
            self._oversize.refused(self._now_us())
            raise LinkDown(lost.reason) from None
        except SocketLost as lost:
            raise LinkDown(lost.reason) from None

    async def _keep_listing(self, rest: Rest, start: Callable[[Stream], None]) -> NoReturn:
        """List, start what is new, fetch what has ended, ask again for holes; raises LinkDown only while polling."""
        unreachable = 0
        while True:
            # Listed first: a server that was restarted may have other acquisitions under the ids that we know.
            try:
                await self._roster.refresh(rest, on_described=start)
            except RestError as error:
                self._rest_failed("acquisitions not listed", error)
                unreachable = unreachable + 1 if error.cause.is_unreachable else 0
                if self._state is LinkState.POLLING and unreachable >= MAX_UNREACHABLE:
                    raise LinkDown(error.detail) from None
            else:
                unreachable = 0
            for stream in self._streams:
                start(stream)
                self._backfiller.ask(stream)
            for stream in self._roster.unfetched_ended():
                self._pollers.fetch_once(stream)
            if await wait_at_most(self._relist, self._options.relist_s):
                await asyncio.sleep(RELIST_PAUSE_S)

    async def _watch(self) -> NoReturn:
        while True:
            await asyncio.sleep(self._watchdog.period_s)
            now_us = self._now_us()
            if self._streams.are_late_together(now_us, int(self._options.silence_s * 1e6)):
                self._board.say("most streams are late together: the connection is behind", is_warning=True)
            else:
                self._watchdog.check(now_us)
            self._windows.check(now_us)
            self._oversize.check(now_us)

    def _rest_failed(self, what: str, error: RestError) -> None:
        self._tally.rest_errors += 1
        self._board.say(f"{what}: {error.detail}", is_warning=True)

    def _on_unknown(self, acquisition_id: str) -> None:
        """At once the first time; an id that no listing explains waits for the regular ones."""
        if acquisition_id not in self._unknown and len(self._unknown) < MAX_UNKNOWN:
            self._unknown.add(acquisition_id)
            self._relist.set()

    def _on_loss(self, stream: Stream, enough: int) -> None:
        self._backfiller.ask(stream)
        if enough and self._state is LinkState.STREAMING:
            self._windows.lost(stream, enough)

    def _on_too_large(self) -> None:
        self._oversize.refused(self._now_us())

    def _on_silent(self, stream: Stream) -> None:
        if self._mode is Mode.HYBRID:
            self._pollers.add(stream)

    def _on_forgotten(self, stream: Stream) -> None:
        self._pollers.remove(stream)
        self._backfiller.forget(stream)
        self._windows.forget(stream)

    def _on_revived(self, stream: Stream) -> None:
        stream.is_silent = False
        self._pollers.remove(stream)
        self._board.say(f"{stream.info.name}: data come over the WebSocket again")
