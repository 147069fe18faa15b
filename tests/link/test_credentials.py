"""Tests of lablink_dpg.link.credentials and lablink_dpg.link.tokens: what is asked of a server, and how often."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from lablink_dpg.link.address import parse_address
from lablink_dpg.link.credentials import WEBSOCKET, Credentials
from lablink_dpg.link.errors import Cause, LinkDown
from lablink_dpg.link.options import LinkOptions
from lablink_dpg.link.rest import SESSIONS, Rest, RestError
from lablink_dpg.link.tls import tls_context
from lablink_dpg.link.websocket import Socket, SocketRefused, dial
from lablink_dpg.model.commands import Login
from lablink_dpg.model.link import LinkNeed
from tests.support.secured import LOGIN, PASSWORD, REFRESH, TOKEN, USER, Secured, says

WITH_PASSWORD = LinkOptions(user=USER, password=PASSWORD, renew_spacing_s=0.0)
ANOTHER = "correct horse battery"


@dataclass
class Client:
    """One server's credentials, REST and what they told."""

    server: Secured
    options: LinkOptions
    rest: Rest = field(init=False)
    credentials: Credentials = field(init=False)
    needs: list[tuple[LinkNeed, str]] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.address = parse_address(self.server.url)
        self.tls = tls_context(self.address)
        self.credentials = Credentials(
            self.address,
            self.options,
            self.tls,
            on_need=lambda need, why: self.needs.append((need, why)),
            on_secret=self.secrets.append,
            say=lambda text, is_warning: self.said.append(text),
        )
        self.rest = Rest(self.address, self.options, self.tls, credentials=self.credentials)

    async def dial(self) -> Socket:
        return await self.credentials.through(
            WEBSOCKET, lambda token: dial(self.address, self.options, self.tls, token=token)
        )

    async def refused(self, call: Callable[[], Awaitable[Any]] | None = None) -> RestError:
        with pytest.raises(RestError) as caught:
            await (call or self.rest.sessions)()
        assert caught.value.cause is Cause.UNAUTHORIZED
        return caught.value


def play(server: Secured, scene: Callable[[Client], Awaitable[None]], options: LinkOptions = WITH_PASSWORD) -> Client:
    """Let a scene run against a server; the client, for what it has told."""
    clients = []

    async def run() -> None:
        client = Client(server, options)
        clients.append(client)
        async with client.rest:
            await client.rest.about()
            await scene(client)

    asyncio.run(run())
    return clients[0]


def test_a_server_that_wants_it_is_logged_in_to_once_before_the_first_guarded_call() -> None:
    async def scene(client: Client) -> None:
        await asyncio.gather(*(client.rest.sessions() for _ in range(8)))
        await (await client.dial()).close()

    with Secured() as server:
        client = play(server, scene)
        assert server.logins == (1, 0)
        assert {call.token for call in server.calls if call.path in (SESSIONS, "/ws")} == {server.given[0]}
        assert client.secrets == [PASSWORD, *server.given]
    assert client.needs == []
    assert client.said == ["logged in"]


def test_an_open_server_never_gets_the_password() -> None:
    async def scene(client: Client) -> None:
        await client.rest.sessions()
        await (await client.dial()).close()

    with Secured(token=None) as server:
        play(server, scene)
        assert server.logins == (0, 0)


def test_all_calls_whose_token_has_expired_share_one_refresh() -> None:
    async def scene(client: Client) -> None:
        await client.rest.sessions()
        client.server.lab.access.expire()
        await asyncio.gather(
            *(client.rest.sessions() for _ in range(16)),
            *(client.rest.post("/api/locks/sessions/create", {}) for _ in range(4)),
        )

    with Secured() as server:
        client = play(server, scene)
        assert server.logins == (1, 1)
    assert client.needs == []


def test_a_websocket_that_refuses_an_expired_token_gets_a_renewed_one() -> None:
    async def scene(client: Client) -> None:
        await client.rest.sessions()
        client.server.lab.access.expire()
        await (await client.dial()).close()

    with Secured() as server:
        play(server, scene)
        assert server.logins == (1, 1)
        assert server.count("/ws") == 2


def test_a_token_is_renewed_before_it_expires_and_no_call_is_refused_for_it() -> None:
    async def scene(client: Client) -> None:
        for _ in range(20):
            await client.rest.sessions()
            await asyncio.sleep(0.1)

    with Secured(token_life_s=1.0) as server:
        play(server, scene)
        logins, refreshes = server.logins
        tokens = [call.token for call in server.calls if call.path == SESSIONS]
    assert logins == 1
    assert refreshes >= 2
    assert len(tokens) == 20  # one call each: none was repeated because it was refused


def test_a_wrong_password_is_sent_once_and_a_person_is_asked() -> None:
    async def scene(client: Client) -> None:
        for _ in range(5):
            await client.refused()
            with pytest.raises(SocketRefused):
                await client.dial()

    with Secured() as server:
        client = play(server, scene, replace(WITH_PASSWORD, password=ANOTHER))
        assert server.logins == (1, 0)
        assert (server.count(SESSIONS), server.count("/ws")) == (1, 1)  # then it is left alone
    assert client.needs == [(LinkNeed.PASSWORD, "wrong user name or password, 4 attempts left")]


def test_a_locked_account_is_not_tried_again() -> None:
    async def scene(client: Client) -> None:
        client.server.lab.access.lock(True)
        for _ in range(5):
            await client.refused()

    with Secured() as server:
        client = play(server, scene)
        assert server.logins == (1, 0)
    assert client.needs == [(LinkNeed.LOCKED, "the account is locked")]


def test_an_account_locked_while_logged_in_loses_its_login_at_the_first_refresh() -> None:
    async def scene(client: Client) -> None:
        await client.rest.sessions()
        client.server.lab.access.lock(True)
        client.server.lab.access.expire()
        for _ in range(5):
            await client.refused()
        client.server.lab.access.lock(False)
        client.credentials.ask_again()
        await client.refused()  # nothing is left that could be tried

    with Secured() as server:
        client = play(server, scene)
        assert server.logins == (1, 1)
    assert client.needs == [(LinkNeed.LOCKED, "the account is locked")]


def test_a_login_that_is_refused_its_renewal_is_asked_for_again() -> None:
    async def scene(client: Client) -> None:
        await client.rest.sessions()
        client.server.lab.access.expire()
        client.server.instead[REFRESH] = says(401, {"detail": f"{USER} {PASSWORD}"})
        for _ in range(5):
            await client.refused()
        del client.server.instead[REFRESH]
        assert client.credentials.log_in(Login(USER, PASSWORD))
        await client.rest.sessions()

    with Secured() as server:
        client = play(server, scene)
        assert server.logins == (2, 1)
    assert client.needs == [
        (LinkNeed.PASSWORD, "the login has expired and cannot be renewed"),
        (LinkNeed.PASSWORD, "logging in"),
        (LinkNeed.NOTHING, ""),
    ]
    assert not any(USER in text or PASSWORD in text for text in client.said)


def test_a_renewal_that_is_not_decided_is_asked_for_and_tried_again_later() -> None:
    async def scene(client: Client) -> None:
        await client.rest.sessions()
        client.server.lab.access.expire()
        client.server.instead[REFRESH] = says(500)
        for _ in range(5):
            await client.refused()
        del client.server.instead[REFRESH]
        assert client.server.logins == (1, 1)
        await asyncio.sleep(0.3)
        await client.rest.sessions()

    with Secured() as server:
        client = play(server, scene, replace(WITH_PASSWORD, login_retry_s=0.25))
        assert server.logins == (1, 2)
    assert [need for need, _ in client.needs] == [LinkNeed.PASSWORD, LinkNeed.NOTHING]


@pytest.mark.parametrize("answer", [says(500), says(200, []), says(200, {"access_token": "two\nlines"}), says(429)])
def test_a_password_whose_fate_is_unknown_is_not_sent_again(answer: Any) -> None:
    async def scene(client: Client) -> None:
        client.server.instead[LOGIN] = answer
        await client.refused()
        client.credentials.ask_again()
        await client.refused()

    with Secured() as server:
        client = play(server, scene)
        assert server.logins == (1, 0)
    assert [need for need, _ in client.needs] == [LinkNeed.PASSWORD]


def test_a_password_that_never_left_is_good_for_the_next_try() -> None:
    async def scene(client: Client) -> None:
        tokens = client.credentials._tokens
        there, tokens._address = tokens._address, parse_address("127.0.0.1:1")
        await client.refused()
        tokens._address = there
        await client.rest.sessions()

    with Secured() as server:
        client = play(server, scene)
        assert server.logins == (1, 0)
    assert client.needs == []


def test_a_fixed_token_is_used_and_never_renewed() -> None:
    async def scene(client: Client) -> None:
        await client.rest.sessions()
        client.server.lab.access.expire()
        for _ in range(3):
            await client.refused()

    with Secured() as server:
        client = play(server, scene, LinkOptions(token=TOKEN))
        assert server.logins == (0, 0)
    assert client.needs == [(LinkNeed.TOKEN, "the token that was given is wrong or expired")]


def test_a_fixed_token_goes_before_a_password() -> None:
    async def scene(client: Client) -> None:
        await client.rest.sessions()
        client.server.lab.access.expire()
        await client.refused()

    with Secured() as server:
        client = play(server, scene, replace(WITH_PASSWORD, token=TOKEN))
        assert server.logins == (0, 0)
    assert [need for need, _ in client.needs] == [LinkNeed.TOKEN]


def test_without_anything_to_show_a_person_is_asked_and_what_is_open_stays_open() -> None:
    async def scene(client: Client) -> None:
        error = await client.refused()
        assert error.retry_s == client.options.login_retry_s
        assert len(await client.rest.equipment()) == 3

    with Secured() as server:
        client = play(server, scene, LinkOptions())
    assert client.needs == [(LinkNeed.PASSWORD, "this server wants a login or a token")]


def test_a_guarded_door_is_tried_again_after_a_while_and_its_opening_is_noticed() -> None:
    async def scene(client: Client) -> None:
        await client.refused()
        client.server.instead[SESSIONS] = says(200, {"sessions": []})
        await client.refused()  # the server does not hear of this one
        assert client.server.count(SESSIONS) == 1
        await asyncio.sleep(0.2)
        assert await client.rest.sessions() == ()

    with Secured() as server:
        client = play(server, scene, LinkOptions(login_retry_s=0.15))
    assert [need for need, _ in client.needs] == [LinkNeed.PASSWORD, LinkNeed.NOTHING]


def test_a_door_that_refuses_good_tokens_costs_one_renewal() -> None:
    async def scene(client: Client) -> None:
        client.server.instead[SESSIONS] = says(403)
        for _ in range(5):
            await client.refused()
        await client.rest.post("/api/locks/sessions/create", {})

    with Secured() as server:
        client = play(server, scene)
        assert server.logins == (1, 1)
    assert client.needs == []  # a person could not help


def test_a_token_that_was_just_given_out_is_not_renewed() -> None:
    async def scene(client: Client) -> None:
        await client.rest.sessions()
        client.server.lab.access.expire()
        await client.refused()

    with Secured() as server:
        play(server, scene, replace(WITH_PASSWORD, renew_spacing_s=60.0))
        assert server.logins == (1, 0)


def test_who_gives_up_waiting_does_not_end_the_login() -> None:
    async def scene(client: Client) -> None:
        call = asyncio.ensure_future(client.rest.sessions())
        while LOGIN not in [each.path for each in client.server.calls]:  # noqa: ASYNC110 - another thread's list
            await asyncio.sleep(0)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        await client.rest.sessions()

    with Secured() as server:
        play(server, scene)
        assert server.logins == (1, 0)


def test_a_login_is_for_those_that_ask() -> None:
    async def scene(client: Client) -> None:
        assert not client.credentials.log_in(Login(USER, PASSWORD))
        await client.refused()
        assert client.credentials.log_in(Login(USER, PASSWORD))
        await client.rest.sessions()

    with Secured() as server:
        client = play(server, scene, LinkOptions())
        assert server.logins == (1, 0)
    assert [why for _, why in client.needs] == ["this server wants a login or a token", "logging in", ""]


def test_the_same_refusal_again_is_news() -> None:
    async def scene(client: Client) -> None:
        for _ in range(3):
            await client.refused()
            assert client.credentials.log_in(Login(USER, ANOTHER))
        client.server.instead[LOGIN] = says(401)

    with Secured() as server:
        client = play(server, scene, LinkOptions())
        assert server.logins == (2, 0)
    assert [why for _, why in client.needs][1::2] == ["logging in"] * 3


def test_logged_out_the_server_is_shut_until_the_next_login() -> None:
    async def scene(client: Client) -> None:
        await client.rest.sessions()
        client.credentials.log_out()
        await client.refused()

    with Secured() as server:
        client = play(server, scene)
        assert server.logins == (1, 0)
    assert client.needs == [(LinkNeed.PASSWORD, "this server wants a login or a token")]


def test_who_logs_out_while_a_login_is_under_way_stays_logged_out() -> None:
    async def scene(client: Client) -> None:
        call = asyncio.ensure_future(client.rest.sessions())
        while LOGIN not in [each.path for each in client.server.calls]:  # noqa: ASYNC110 - another thread's list
            await asyncio.sleep(0)
        client.credentials.log_out()
        await asyncio.gather(call, return_exceptions=True)
        await client.refused()

    with Secured() as server:
        client = play(server, scene)
        assert server.logins == (1, 0)
    assert client.needs[-1][0] is LinkNeed.PASSWORD


def test_a_link_that_cannot_go_on_without_a_person_is_told() -> None:
    async def scene(client: Client) -> None:
        waiting = asyncio.ensure_future(client.credentials.raise_when_refused(SESSIONS))
        await client.rest.equipment()
        assert not waiting.done()
        await client.refused()
        with pytest.raises(LinkDown, match="wants a login"):
            await asyncio.wait_for(waiting, 5)

    with Secured() as server:
        play(server, scene, LinkOptions())
