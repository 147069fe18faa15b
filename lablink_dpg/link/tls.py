"""Whom to trust: the one TLS context that REST and WebSocket of a link share."""

from __future__ import annotations

import ssl
from pathlib import Path

from lablink_dpg.link.address import ServerAddress


def tls_context(address: ServerAddress, *, is_insecure: bool = False, ca_file: Path | None = None) -> ssl.SSLContext:
    """Certificates are verified against the system's, or those in ``ca_file`` alone; with ``is_insecure`` not at all.

    Takes 50 ms for https, for reading the system's, and nothing for http.

    Raises:
        OSError: if ``ca_file`` cannot be read or holds no certificate.
    """
    if not address.is_secure:
        # Trusts nobody: a plain address has no use for a certificate, and must not begin to if it is redirected.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if is_insecure:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False  # first: the next line is refused otherwise
        context.verify_mode = ssl.CERT_NONE
        return context
    return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
