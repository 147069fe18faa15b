"""Certificates made for one test run: of an authority that nobody trusts yet, and signed by themselves."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import trustme


class Files(NamedTuple):
    server: Path  # certificate and key of 127.0.0.1, as PEM
    authority: Path  # who trusts this trusts the server


def make(directory: Path, host: str = "127.0.0.1") -> Files:
    authority = trustme.CA()
    files = Files(directory / f"{host}.pem", directory / f"{host}-ca.pem")
    authority.issue_cert(host).private_key_and_cert_chain_pem.write_to_path(files.server)
    authority.cert_pem.write_to_path(files.authority)
    return files
