"""Whom to trust: the one TLS context that REST and WebSocket of a link share."""

from __future__ import annotations

import ssl

from lablink_dpg.link.address import ServerAddress


def tls_context(address: ServerAddress) -> ssl.SSLContext:
    """Certificates are verified against the system's. Takes 50 ms for https, for reading them, and nothing for http."""
    if address.is_secure:
        return ssl.create_default_context()
    # Trusts nobody: a plain address has no use for a certificate, and must not begin to if it is redirected.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
