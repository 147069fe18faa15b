"""Going through a server's doors with the right token, and leaving it alone while only a person can help.

A *door* is what a server guards by itself: the WebSocket, each kind of REST call. Which of them a server guards is
its own affair, so what works without a token goes on working. A door that refuses, and goes on refusing when the token
was renewed, is not asked again before ``login_retry_s``, or the person's next word.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from ssl import SSLContext
from typing import NoReturn, TypeVar

from lablink_dpg.link.address import ServerAddress
from lablink_dpg.link.errors import CallFailed, Cause, LinkDown
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.tokens import Tokens
from lablink_dpg.model.commands import Login
from lablink_dpg.model.link import LinkNeed

WEBSOCKET = "websocket"  # the door that is no REST call

T = TypeVar("T")


class Credentials:
    """Of one server. Network thread only."""

    def __init__(
        self,
        address: ServerAddress,
        options: LinkOptions,
        tls: SSLContext,
        *,
        on_need: Callable[[LinkNeed, str], None] = lambda need, why: None,
        on_secret: Callable[[str], None] = lambda secret: None,
        say: Callable[[str, bool], None] = lambda text, is_warning: None,
    ) -> None:
        """As ``Tokens``."""
        self._options = options
        self._tokens = Tokens(address, options, tls, on_need=self._need_changed, on_secret=on_secret, say=say)
        self._on_need = on_need
        self._is_secured: bool | None = None  # as the server said last; None before
        self._refused: dict[str, tuple[float, CallFailed]] = {}  # by door: until when it is not knocked at, and why
        self._shut_s: dict[str, float] = {}  # by door: when it refused a token that was just renewed
        self._has_refused = asyncio.Event()

    @property
    def needs_person(self) -> bool:
        return self._tokens.needs is not LinkNeed.NOTHING

    @property
    def why(self) -> str:
        """What only a person can give, in one line; "" where nothing is needed."""
        return self._tokens.why

    # -- what a person says ------------------------------------------------------------------------------------

    def log_in(self, command: Login) -> bool:
        """Whether this server asks for it; the login itself is made with the next call that wants one."""
        if not self.needs_person:
            return False
        self._tokens.log_in(command.user, command.password, remember=command.remember)
        self._shut_s.clear()
        self.ask_again()
        return True

    @property
    def is_wanted(self) -> bool:
        """Whether the server may want a login: it has not said that it wants none."""
        return self._is_secured is not False

    def log_out(self) -> None:
        self._tokens.log_out()
        self.ask_again()

    def ask_again(self) -> None:
        """A person wants another try now."""
        self._refused.clear()

    # -- what the link asks ------------------------------------------------------------------------------------

    def greeted(self, is_secured: bool) -> None:
        """What the server says of itself."""
        self._is_secured = is_secured
        if not is_secured:
            self._tokens.need(LinkNeed.NOTHING, "")

    async def raise_when_refused(self, door: str) -> NoReturn:
        """Raises LinkDown as soon as this door wants what only a person can give."""
        while door not in self._refused:
            self._has_refused.clear()
            await self._has_refused.wait()
        raise LinkDown(self.why, self._options.login_retry_s)

    async def through(self, door: str, knock: Callable[[str], Awaitable[T]]) -> T:
        """What ``knock(token)`` returns; it is called a second time where a refused token can be renewed.

        Raises:
            CallFailed: as ``knock`` did, or without a try while only a person can help.
        """
        self._raise_while_refused(door)
        token = await self._tokens.current(is_wanted=self._is_secured is True)
        try:
            result = await knock(token)
        except CallFailed as refusal:
            if refusal.cause is not Cause.UNAUTHORIZED or self._is_secured is False:
                raise
            if not await self._renewed(door, token):
                self._note(door, refusal)
                raise
        else:
            self._opened(door)
            return result
        try:
            result = await knock(self._tokens.token)
        except CallFailed as refusal:
            if refusal.cause is Cause.UNAUTHORIZED:
                self._shut_s[door] = self._now_s()
            raise
        self._opened(door)
        return result

    async def _renewed(self, door: str, token: str) -> bool:
        if token and token == self._tokens.token and self._refuses_good_tokens(door):
            return False
        return await self._tokens.renewed(token)

    def _refuses_good_tokens(self, door: str) -> bool:
        """So that another one would change nothing."""
        return self._tokens.is_fresh or self._now_s() - self._shut_s.get(door, -math.inf) < self._options.shut_s

    def _raise_while_refused(self, door: str) -> None:
        if door in self._refused:
            until_s, refusal = self._refused[door]
            refusal.retry_s = until_s - self._now_s()
            if refusal.retry_s > 0:
                refusal.is_repeated = True
                raise refusal.with_traceback(None)

    def _note(self, door: str, refusal: CallFailed) -> None:
        if self.needs_person:
            refusal.retry_s = self._options.login_retry_s
            self._refused[door] = (self._now_s() + refusal.retry_s, refusal)
            self._has_refused.set()

    def _need_changed(self, need: LinkNeed, why: str) -> None:
        if need is LinkNeed.NOTHING:
            self._refused.clear()
        self._on_need(need, why)

    def _opened(self, door: str) -> None:
        self._shut_s.pop(door, None)
        if self._refused.pop(door, None) is not None and not self._refused:
            self._tokens.need(LinkNeed.NOTHING, "")

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()
