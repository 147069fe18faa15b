"""Tests of lablink_dpg.link.address."""

from __future__ import annotations

import pytest

from lablink_dpg.link.address import ServerAddress, parse_address


@pytest.mark.parametrize(
    ("text", "rest_url", "ws_url"),
    [
        ("labserver", "http://labserver:8000", "ws://labserver:8000/ws"),
        ("labserver:9000", "http://labserver:9000", "ws://labserver:9000/ws"),
        (" 10.0.0.7 ", "http://10.0.0.7:8000", "ws://10.0.0.7:8000/ws"),
        ("http://labserver", "http://labserver:8000", "ws://labserver:8000/ws"),
        ("http://labserver:80/", "http://labserver:80", "ws://labserver:80/ws"),
        ("ws://labserver:8000/ws", "http://labserver:8000", "ws://labserver:8000/ws"),
        ("https://lab.example", "https://lab.example:443", "wss://lab.example:443/ws"),
        ("wss://lab.example:8443/ws", "https://lab.example:8443", "wss://lab.example:8443/ws"),
        ("::1", "http://[::1]:8000", "ws://[::1]:8000/ws"),
        ("[::1]", "http://[::1]:8000", "ws://[::1]:8000/ws"),
        ("[fe80::1]:9000", "http://[fe80::1]:9000", "ws://[fe80::1]:9000/ws"),
        ("http://[::1]:9000", "http://[::1]:9000", "ws://[::1]:9000/ws"),
        ("meßplatz.local", "http://meßplatz.local:8000", "ws://meßplatz.local:8000/ws"),
    ],
)
def test_every_form_of_an_address_gives_both_urls(text: str, rest_url: str, ws_url: str) -> None:
    address = parse_address(text)
    assert (address.rest_url, address.ws_url) == (rest_url, ws_url)


def test_a_websocket_port_of_its_own_changes_only_the_websocket() -> None:
    address = parse_address("labserver:8000", ws_port=8001)
    assert (address.rest_url, address.ws_url) == ("http://labserver:8000", "ws://labserver:8001/ws")


def test_what_is_shown_names_host_and_port_and_whether_it_is_secure() -> None:
    assert parse_address("labserver").shown == "labserver:8000"
    assert parse_address("[::1]:9").shown == "[::1]:9"
    assert parse_address("wss://lab.example/ws").shown == "https://lab.example:443"


def test_what_is_shown_can_be_read_again() -> None:
    for text in ("labserver", "::1", "https://lab.example"):
        address = parse_address(text)
        assert parse_address(address.shown) == address


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("labserver:port", "port must be a number"),
        ("labserver:0", "port 0"),
        ("labserver:65536", "port must be a number"),
        ("ftp://labserver", "'ftp'"),
        ("http://labserver/lablink", "'/lablink'"),
        ("http://labserver?x=1", "leave that away"),
        ("http://:8000", "no host name"),
        ("lab server", "not a host name"),
        ("-.-..", "not a host name"),
        ("12:34:zz", "IPv6"),
        ("[fe80::1%eth0]", "zone"),
    ],
)
def test_a_bad_address_is_refused_with_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("?", r"\?")):
        parse_address(text)


def test_a_bad_websocket_port_is_named() -> None:
    with pytest.raises(ValueError, match="WebSocket port 70000"):
        parse_address("labserver", ws_port=70000)


@pytest.mark.parametrize("text", ["http://me:geheim@labserver", "labserver:8000?token=geheim", "geheim@labserver"])
def test_a_secret_in_an_address_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="token") as refused:
        parse_address(text)
    assert "geheim" not in str(refused.value)


def test_an_address_is_a_value() -> None:
    assert parse_address("a:1") == ServerAddress("a", 1, 1)
