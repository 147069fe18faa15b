"""https and wss against a server whose certificate nobody vouches for: refused with a reason, unless told otherwise."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from lablink_dpg.model.link import LinkState, Mode
from tests.link.lab import until
from tests.link.running import IMPATIENT, linked
from tests.support import certificates
from tests.support.certificates import Files
from tests.support.secured import PASSWORD, USER, Secured

LOGIN = replace(IMPATIENT, user=USER, password=PASSWORD)
BOTH = pytest.mark.parametrize("mode", [Mode.WEBSOCKET, Mode.POLLING])


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return certificates.make(tmp_path_factory.mktemp("tls"))


@BOTH
def test_by_default_the_certificate_is_refused_by_name_and_the_password_stays_here(files: Files, mode: Mode) -> None:
    with Secured(certificate=files.server) as server, linked(server.url, LOGIN, mode=mode) as run:
        run.until_state(LinkState.WAITING)
        assert "certificate of 127.0.0.1 is not trusted" in run.network.status.reason
        assert "--insecure" in run.network.status.reason
        time.sleep(0.5)  # a few more tries
        assert server.calls == []
        assert not run.network.status.is_insecure


@BOTH
def test_insecure_reaches_it_by_both_ways_shown_and_warned_once(files: Files, mode: Mode) -> None:
    with Secured(certificate=files.server) as server, linked(server.url, LOGIN, mode=mode, is_insecure=True) as run:
        until(lambda: run.store.series, lambda: str(run.network.status))
        run.until_more(next(iter(run.store.series)), 200)
        assert run.network.status.is_insecure
        assert [text for text in run.texts if "not verified" in text] == [
            "the certificate is not verified: whoever answers is believed"
        ]
        assert run.state is (LinkState.POLLING if mode is Mode.POLLING else LinkState.STREAMING)


@BOTH
def test_a_certificate_whose_authority_is_given_is_trusted(files: Files, mode: Mode) -> None:
    with (
        Secured(certificate=files.server) as server,
        linked(server.url, LOGIN, mode=mode, ca_file=files.authority) as run,
    ):
        until(lambda: run.store.series, lambda: str(run.network.status))
        run.until_more(next(iter(run.store.series)), 200)
        assert not run.network.status.is_insecure


def test_a_certificate_for_another_name_is_refused_although_its_authority_is_given(tmp_path: Path) -> None:
    other = certificates.make(tmp_path, "labserver.example")
    with Secured(certificate=other.server) as server, linked(server.url, LOGIN, ca_file=other.authority) as run:
        run.until_state(LinkState.WAITING)
        assert "certificate of 127.0.0.1 is not trusted" in run.network.status.reason
        assert server.calls == []


def test_insecure_says_nothing_of_a_plain_server() -> None:
    with Secured() as server, linked(server.url, LOGIN, is_insecure=True) as run:
        run.until_state(LinkState.STREAMING)
        assert not run.network.status.is_insecure
        assert not [text for text in run.texts if "not verified" in text]
