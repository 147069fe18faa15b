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
from lablink_dpg.link.backoff import Pace
from lablink_dpg.link.board import Board
from lablink_dpg.link.credentials import WEBSOCKET, Credentials
from lablink_dpg.link.dialler import Dialler
from lablink_dpg.link.errors import CallFailed, Cause, LinkDown
from lablink_dpg.link.listing import Listing
from lablink_dpg.link.loop import race, wait_at_most
from lablink_dpg.link.machine import LinkInput, advance
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.oversize import Oversize
from lablink_dpg.link.pollers import Pollers
from lablink_dpg.link.presence import Presence
from lablink_dpg.link.receiver import Receiver
from lablink_dpg.link.requester import Requester
from lablink_dpg.link.rest import SESSIONS, Rest, RestError
from lablink_dpg.link.roster import Roster
from lablink_dpg.link.streams import Stream, Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.link.tls import tls_context
from lablink_dpg.link.watchdog import Watchdog
from lablink_dpg.link.websocket import Socket, SocketLost, SocketRefused, TooBig, dial
from lablink_dpg.link.windows import Windows
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
        self._streams = streams
        self._board = board
        self._mode = options.mode
        self._state = LinkState.IDLE
        self._is_met = False  # it has greeted as a LabLink server does
        self._has_been_up = False
        self._up_since_s = 0.0  # of the loop's clock
        self._kicked = asyncio.Event()  # the user wants another try now
        self._tls = tls_context(address, is_insecure=options.is_insecure, ca_file=options.ca_file)
        self._credentials = Credentials(
            address,
            options,
            self._tls,
            on_need=lambda need, why: board.show(needs=need, needs_why=why),
            on_secret=board.hide,
            say=lambda text, is_warning: board.say(text, is_warning=is_warning, is_always=True),
        )
        self._pace = Pace(
            rng, options.backoff_first_s, options.backoff_max_s, options.quick_retry_s, options.quick_for_s
        )
        self._dialler = Dialler(self._dial, self._pace, options.dial_overlap_s)
        self._presence = Presence(options.rest_silence_s, lambda reason: board.show(rest_reason=reason))
        self._roster = Roster(store, streams, tally, board, address.shown, on_forgotten=self._on_forgotten)
        self._backfiller = Backfiller(store, streams, tally, board)
        self._pollers = Pollers(store, streams, tally, board, options, now_us, on_loss=self._on_loss)
        self._listing = Listing(self._roster, streams, self._pollers, self._backfiller, tally, board, options)
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
            on_unknown=self._listing.on_unknown,
            on_too_large=lambda: self._oversize.refused(now_us()),
            wait_turn=wait_turn,
        )

    def command(self, command: Command) -> None:
        """Every command but one ends the present attempt and begins another without delay."""
        match command:
            case SetMode():
                self._mode = command.mode
                self._board.show(mode=command.mode)
                self._board.say(f"mode {command.mode.value} chosen", is_always=True)
            case Login():
                if not self._credentials.log_in(command) or self._state is LinkState.STREAMING:
                    return  # what streams goes on: the next call over REST logs in
            case Forget():
                self._credentials.log_out()
                self._board.say("logged out", is_always=True)
            case ReconnectNow():
                self._credentials.ask_again()
                self._board.say("reconnect asked for", is_always=True)
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
            delay_s = 0.0  # before the WebSocket is tried; REST is asked meanwhile
            while True:
                try:
                    await race(self._attempt_and_close(rest, delay_s), self._kicked.wait())
                    self._kicked.clear()
                    self._pace.reset()
                    delay_s = 0.0
                    self._enter(LinkInput.RETRY, connecting)
                except LinkDown as down:
                    delay_s = await self._lost(down.reason, down.retry_s)
                except Exception as fault:  # ours: a link that dies of it silently would leave a frozen display
                    _log.exception("the link failed by a fault of its own")
                    delay_s = await self._lost(f"internal fault: {type(fault).__name__}")
                if self._state is LinkState.WAITING:
                    self._enter(LinkInput.RETRY, connecting)

    def stopped(self) -> None:
        """The user ended the link."""
        self._streams.disconnected()
        self._enter(LinkInput.STOP, "")

    def _enter(self, happened: LinkInput, reason: str, next_retry_us: int | None = None) -> None:
        self._state = advance(self._state, happened)
        self._board.enter(self._state, reason, next_retry_us)

    async def _lost(self, reason: str, retry_s: float = 0.0) -> float:
        """A link that was up is tried again at once, one that was not after a wait of ``retry_s`` at least, spent here.

        Returns how long the WebSocket of the next attempt has to wait.
        """
        now_s = asyncio.get_running_loop().time()
        self._streams.disconnected()
        if self._state is not LinkState.CONNECTING:
            delay_s = self._pace.lost(now_s, was_stable=now_s - self._up_since_s >= self._options.stable_s)
            self._enter(LinkInput.LOST, reason, self._after(delay_s) if delay_s else None)
            return delay_s
        delay_s = max(self._pace.next_s(now_s), retry_s)
        self._enter(LinkInput.LOST, reason, self._after(delay_s))
        if await wait_at_most(self._kicked, delay_s):
            self._pace.reset()
        return 0.0

    def _after(self, seconds: float) -> int:
        return self._now_us() + int(seconds * 1e6)

    async def _attempt_and_close(self, rest: Rest, delay_s: float) -> None:
        self._streams.disconnected()
        self._presence.forget()
        try:
            if not self._is_met:
                await self._meet(rest)
            if self._mode is Mode.POLLING:
                await asyncio.sleep(delay_s)
                await self._greet(rest)
                await self._poll(rest, "polling, as chosen")
            await self._stream(rest, await self._connect(rest, delay_s))
        finally:
            # No stop_acquisition_stream: streams are global to the server, and another client may be watching them.
            # The server ends them all when its last connection closes.
            self._requester.forget()
            await self._dialler.close()

    async def _meet(self, rest: Rest) -> None:
        """The first greeting tells a LabLink server from others; one that is only out of order may be one."""
        try:
            await self._listing.greet(rest)
        except RestError as error:
            if error.cause.is_unreachable or error.cause is Cause.CONTENT:
                raise LinkDown(error.detail) from None
            self._rest_failed("server not identified", error)
        else:
            self._is_met = True

    async def _greet(self, rest: Rest) -> None:
        """Raises LinkDown where REST does not answer as it should, or would not list anything."""
        try:
            await self._listing.greet(rest)
            if self._credentials.needs_person:
                await rest.sessions()
        except RestError as error:
            raise LinkDown(self._explained(error, error.detail), error.retry_s) from None

    def _explained(self, refusal: CallFailed, text: str) -> str:
        """What a person can do about it goes before what the server said."""
        return self._credentials.why if refusal.cause is Cause.UNAUTHORIZED and self._credentials.why else text

    async def _dial(self) -> Socket:
        return await self._credentials.through(
            WEBSOCKET, lambda token: dial(self._address, self._options, self._tls, token=token)
        )

    async def _connect(self, rest: Rest, delay_s: float) -> Socket:
        """A WebSocket; until there is one everything is polled, where REST answers and the user wants it.

        Raises:
            LinkDown: if there is neither.
        """
        refused = asyncio.Event()
        reason = "the WebSocket does not answer"
        retry_s: float | None = None
        retry_us: int | None = None

        def on_refused(refusal: SocketRefused, wait_s: float) -> None:
            nonlocal reason, retry_s, retry_us
            reason, retry_s = self._explained(refusal, refusal.reason), refusal.retry_s
            retry_us = self._after(wait_s)
            refused.set()
            if self._state is LinkState.POLLING:
                self._board.enter(self._state, f"{reason}; polling over REST", retry_us)

        async def instead() -> Socket:
            if self._mode is Mode.WEBSOCKET:
                await refused.wait()
                raise LinkDown(reason, retry_s)
            if not delay_s:
                await wait_at_most(refused, self._options.poll_after_s, keep=True)
            try:
                await self._greet(rest)
            except LinkDown:
                await refused.wait()  # a handshake that hangs may yet be answered
                raise
            self._tally.fallbacks += 1
            await self._poll(rest, f"{reason}; polling over REST", retry_us)

        return await race(self._dialler.run(delay_s, on_refused), instead())

    async def _poll(self, rest: Rest, reason: str, next_retry_us: int | None = None) -> NoReturn:
        """Everything over REST; raises LinkDown when REST is gone."""
        self._came_up()
        self._enter(LinkInput.REST_ONLY, reason, next_retry_us)
        await self._all_of(
            self._presence.raise_when_gone(),
            self._credentials.raise_when_refused(SESSIONS),
            self._listing.run(rest, self._poll_if_live),
            self._pollers.run(rest),
            self._backfiller.run(rest),
        )

    async def _stream(self, rest: Rest, socket: Socket) -> NoReturn:
        """Everything over the WebSocket, silent streams over REST; raises LinkDown when the connection is lost."""
        if self._state is LinkState.CONNECTING:
            self._came_up()
        self._enter(LinkInput.SOCKET_OPENED, "")
        self._streams.disconnected()
        self._watchdog.restart()
        try:
            await self._all_of(
                socket.pump(self._receiver.take),
                self._requester.run(socket),
                self._listing.run(rest, self._requester.ask_if_missing),
                self._watch(),
                self._pollers.run(rest),
                self._backfiller.run(rest),
            )
        except TooBig as lost:
            self._oversize.refused(self._now_us())
            raise LinkDown(lost.reason) from None
        except SocketLost as lost:
            raise LinkDown(lost.reason) from None

    @staticmethod
    async def _all_of(*work: Coroutine[Any, Any, None]) -> NoReturn:
        """Until one of them raises."""
        await race(*work)
        raise AssertionError("none of them ends without an error")

    def _came_up(self) -> None:
        self._up_since_s = asyncio.get_running_loop().time()
        self._tally.reconnects += self._has_been_up
        self._has_been_up = True

    def _poll_if_live(self, stream: Stream) -> None:
        if stream.is_live:
            self._pollers.add(stream)
        else:
            self._pollers.remove(stream)

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
        self._tally.rest_failed(error)
        self._board.say(f"{what}: {error.detail}", is_warning=True)

    def _on_loss(self, stream: Stream, enough: int) -> None:
        self._backfiller.ask(stream)
        if enough and self._state is LinkState.STREAMING:
            self._windows.lost(stream, enough)

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
