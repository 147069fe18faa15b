"""Getting the token that opens a server, and renewing it.

A password is sent once, whatever comes of it: servers count wrong ones and lock the account. A token from a login is
renewed before it expires. A fixed token is never renewed. All who want a new one share the attempt under way.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from ssl import SSLContext

from lablink_dpg.link import login
from lablink_dpg.link.address import ServerAddress
from lablink_dpg.link.login import Grant, LoginFailed, Outcome
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.vault import Kept, Vault
from lablink_dpg.model.link import LinkNeed

LOGGING_IN = "logging in"
MIN_BLANKED = 8  # letters of a password: blanking a shorter one in texts would tell which words it is made of
RENEW_AT = 0.8  # of a token's life: the rest is time for a server that is slow or away


class Tokens:
    """Of one server. Network thread only."""

    def __init__(
        self,
        address: ServerAddress,
        options: LinkOptions,
        tls: SSLContext,
        *,
        on_need: Callable[[LinkNeed, str], None],
        on_secret: Callable[[str], None],
        say: Callable[[str, bool], None],
    ) -> None:
        """``on_need`` is told what only a person can give, and why; ``on_secret`` what no text may show."""
        self.token = options.token  # "" while there is none; changed by this object only
        self.needs = LinkNeed.NOTHING
        self.why = ""
        self._address = address
        self._options = options
        self._tls = tls
        self._on_need = on_need
        self._on_secret = on_secret
        self._say = say
        self._is_fixed = bool(options.token)
        self._refresh_token = ""
        self._user, self._password = options.user, ""
        self._take(options.password)
        self._is_kept = options.remember
        self._is_loaded = not options.remember  # the keyring has been asked
        self._vault = Vault(address.shown, options.keyring_timeout_s, lambda text: say(text, True))
        self._granted_s = -math.inf  # all of the loop's clock
        self._renew_at_s = math.inf
        self._ends_s = math.inf
        self._next_renewal_s = -math.inf
        self._obtaining: asyncio.Task[bool] | None = None
        self._words = 0  # of a person, logging in or out: what is under way from before the last one is void

    # -- what a person says ------------------------------------------------------------------------------------

    def log_in(self, user: str, password: str, *, remember: bool) -> None:
        """With the next call that wants a token."""
        self._words += 1
        self._forget_login()
        if self._is_kept and not remember:
            self._vault.forget()
        self._user, self._is_kept = user, remember
        self._take(password)
        self._is_loaded = True  # what a person has just typed goes before what was kept
        self.need(self.needs, LOGGING_IN)  # so that the same refusal again is news

    def _take(self, password: str) -> None:
        self._password = password
        if len(password) >= MIN_BLANKED:
            self._on_secret(password)

    def log_out(self) -> None:
        self._words += 1
        self._forget_login()
        self._vault.forget()
        self._password, self._is_kept, self._is_loaded = "", False, True

    def need(self, need: LinkNeed, why: str) -> None:
        if (need, why) != (self.needs, self.why):
            self.needs, self.why = need, why
            self._on_need(need, why)

    # -- what the link asks ------------------------------------------------------------------------------------

    async def current(self, *, is_wanted: bool) -> str:
        """The one there is: logged in first where the server wants it, renewed before it expires."""
        if self._can_obtain:
            now_s = self._now_s()
            if (is_wanted and not self.token) or now_s >= self._ends_s:
                await self._obtain()
            elif now_s >= max(self._renew_at_s, self._next_renewal_s):
                self._begin()  # nobody waits: the old one opens for a while yet
        return self.token

    @property
    def is_fresh(self) -> bool:
        """Given out so lately that it cannot have expired."""
        return self._now_s() - self._granted_s < self._options.renew_spacing_s

    async def renewed(self, used: str) -> bool:
        """The server has refused a token. Whether there is another one by now; if not, it is said what is needed."""
        if self.token != used:
            return bool(self.token)  # somebody else has renewed it meanwhile
        self._ends_s = -math.inf
        if self._can_obtain:
            return await self._obtain()
        if self._is_fixed:
            self.need(LinkNeed.TOKEN, "the token that was given is wrong or expired")
        elif self.needs is LinkNeed.NOTHING:
            self.need(LinkNeed.PASSWORD, "the login has expired" if used else "this server wants a login or a token")
        return False

    @property
    def _can_obtain(self) -> bool:
        return bool(self._refresh_token or self._password or not self._is_loaded) and not self._is_fixed

    async def _obtain(self) -> bool:
        # Shielded: who asked may be cancelled, and the answer, with a password used up for it, must not be lost.
        return await asyncio.shield(self._begin())

    def _begin(self) -> asyncio.Task[bool]:
        if self._obtaining is None or self._obtaining.done():
            self._obtaining = asyncio.ensure_future(self._obtain_by_last_word())
        return self._obtaining

    async def _obtain_by_last_word(self) -> bool:
        """Whether there is a new token, by what a person has said last."""
        while True:
            words = self._words
            has_one = await self._obtain_once()
            if has_one or words == self._words or not self._can_obtain:
                return has_one

    async def _obtain_once(self) -> bool:
        """Whether there is a new token."""
        words = self._words
        if not self._is_loaded:
            self._is_loaded = True
            kept = await self._vault.load()
            if words == self._words and kept is not None and self._user in ("", kept.user):
                self._user, self._refresh_token = kept.user, kept.refresh_token
                self._on_secret(kept.refresh_token)
        if self._refresh_token and await self._refresh():
            return True
        if self._refresh_token:
            return False  # not decided: it is tried again
        if self._password:
            return await self._log_in()
        if self.needs is LinkNeed.NOTHING:
            self.need(LinkNeed.PASSWORD, "this server wants a login or a token")
        return False

    async def _refresh(self) -> bool:
        if self._now_s() < self._next_renewal_s:
            return False
        words = self._words
        try:
            grant = await login.refresh(self._address, self._tls, self._options.rest_timeout_s, self._refresh_token)
        except LoginFailed as failed:
            if words != self._words:
                return False
            self._say(str(failed), True)
            if failed.outcome in (Outcome.REFUSED, Outcome.LOCKED):
                if self._is_kept:
                    self._vault.forget()  # it opens nothing any more
                self._forget_login()
                if not self._password or failed.outcome is Outcome.LOCKED:
                    self._refuse(failed)
            elif failed.outcome is Outcome.UNCLEAR:
                has_ended = self._now_s() >= self._ends_s
                if has_ended:
                    self.need(LinkNeed.PASSWORD, str(failed))
                pause_s = self._options.login_retry_s if has_ended else self._options.renew_spacing_s
                self._next_renewal_s = self._now_s() + pause_s
            return False
        if words != self._words:
            return False
        self._accept(grant)
        return True

    async def _log_in(self) -> bool:
        user, password, self._password = self._user, self._password, ""
        words = self._words
        try:
            grant = await login.log_in(self._address, self._tls, self._options.rest_timeout_s, user, password)
        except LoginFailed as failed:
            if words != self._words:
                return False
            self._say(str(failed), True)
            if failed.outcome is Outcome.UNSENT:
                self._password = self._password or password  # nobody has seen it: good for the next try
            else:
                self._refuse(failed)
            return False
        if words != self._words:
            return False
        self._accept(grant)
        self._say("logged in", False)
        return True

    def _accept(self, grant: Grant) -> None:
        for secret in filter(None, (grant.token, grant.refresh_token)):
            self._on_secret(secret)
        now_s = self._now_s()
        self.token, self._refresh_token = grant.token, grant.refresh_token
        self._granted_s, self._ends_s = now_s, now_s + grant.life_s
        self._renew_at_s, self._next_renewal_s = now_s + RENEW_AT * grant.life_s, -math.inf
        self.need(LinkNeed.NOTHING, "")
        if self._is_kept and grant.refresh_token:
            self._vault.save(Kept(self._user, grant.refresh_token))

    def _refuse(self, failed: LoginFailed) -> None:
        is_locked = failed.outcome is Outcome.LOCKED
        if is_locked:
            self._forget_login()
            self._password = ""
        self.need(LinkNeed.LOCKED if is_locked else LinkNeed.PASSWORD, str(failed))

    def _forget_login(self) -> None:
        self.token = self._refresh_token = ""
        self._is_fixed = False
        self._ends_s = self._renew_at_s = math.inf
        self._next_renewal_s = -math.inf

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()
