"""Tests of lablink_dpg.link.tls."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from lablink_dpg.link.address import parse_address
from lablink_dpg.link.tls import tls_context
from tests.support import certificates

SECURE, PLAIN = parse_address("https://labserver"), parse_address("http://labserver")


@pytest.mark.parametrize("address", [SECURE, PLAIN])
def test_certificates_and_host_names_are_verified_unless_told_otherwise(address: object) -> None:
    context = tls_context(address)  # type: ignore[arg-type]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_insecure_verifies_nothing() -> None:
    context = tls_context(SECURE, is_insecure=True)
    assert context.verify_mode is ssl.CERT_NONE
    assert not context.check_hostname


def test_a_plain_address_trusts_nobody() -> None:
    for is_insecure in (False, True):
        context = tls_context(PLAIN, is_insecure=is_insecure)
        assert context.get_ca_certs() == []
        assert context.verify_mode is ssl.CERT_REQUIRED


def test_a_ca_file_is_trusted_and_nothing_else(tmp_path: Path) -> None:
    files = certificates.make(tmp_path)
    assert len(tls_context(SECURE, ca_file=files.authority).get_ca_certs()) == 1


def test_a_ca_file_without_a_certificate_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    for name in ("empty.pem", "absent.pem"):
        with pytest.raises(OSError):  # noqa: PT011 - ssl words it differently from version to version
            tls_context(SECURE, ca_file=tmp_path / name)
