"""Tests of lablink_dpg.link.tls."""

from __future__ import annotations

import ssl

import pytest

from lablink_dpg.link.address import parse_address
from lablink_dpg.link.tls import tls_context


@pytest.mark.parametrize("text", ["https://labserver", "http://labserver"])
def test_certificates_and_host_names_are_always_verified(text: str) -> None:
    context = tls_context(parse_address(text))
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_plain_address_trusts_nobody() -> None:
    assert tls_context(parse_address("http://labserver")).get_ca_certs() == []
