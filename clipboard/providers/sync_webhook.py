"""Proves that a message about a job comes from sync.so.

`Sync-Signature: t=<Unix seconds>,v1=<hex>`: HMAC-SHA256 with the account's secret over "<t>.", then
the body. The raw body: its JSON written anew may differ in a space or a digit. Source: sync.so's
page on webhooks (another page of theirs names another header; that one is not looked at).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping

from clipboard.providers.errors import ProviderError
from clipboard.providers.reading import identity, record

HEADER = "sync-signature"
TOLERANCE = 300  # seconds; they name none
MOST_BYTES = 2 * 1024 * 1024
MOST_HEADER = 2000
TIME = re.compile(r"[0-9]{1,12}")
HEX = re.compile(r"[0-9a-fA-F]{64}")


def check(body: bytes, headers: Mapping[str, str], secret: str) -> str:
    """The id of the job that an authentic message speaks of.

    Raises ProviderError: "auth" for one that proves nothing, "provider" for one that names no job.
    """
    moment, signatures = _read(_header(headers))
    is_recent = abs(time.time() - int(moment)) <= TOLERANCE
    if not secret or not is_recent or len(body) > MOST_BYTES:
        raise _refused()
    wanted = _digest(body, secret, moment)
    if not any(hmac.compare_digest(wanted, given) for given in signatures):
        raise _refused()
    return _job_in(body)


def sign(body: bytes, secret: str, *, moment: int) -> str:
    """The header's value for that body."""
    return f"t={moment},v1={_digest(body, secret, str(moment)).hex()}"


def _digest(body: bytes, secret: str, moment: str) -> bytes:
    signed = moment.encode() + b"." + body
    return hmac.new(secret.encode("utf-8", "replace"), signed, hashlib.sha256).digest()


def _header(headers: Mapping[str, str]) -> str:
    given = [value for name, value in headers.items() if name.lower() == HEADER]
    if len(given) != 1 or len(given[0]) > MOST_HEADER:
        raise _refused()
    return given[0]


def _read(header: str) -> tuple[str, list[bytes]]:
    parts = [part.strip().partition("=") for part in header.split(",")]
    moments = [value for name, _, value in parts if name == "t"]
    signatures = [value for name, _, value in parts if name == "v1" and HEX.fullmatch(value)]
    if len(moments) != 1 or not TIME.fullmatch(moments[0]) or not signatures:
        raise _refused()
    return moments[0], [bytes.fromhex(value) for value in signatures]


def _job_in(body: bytes) -> str:
    try:
        told = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        told = None
    remote_id = identity(record(told).get("id"))
    if not remote_id:
        raise ProviderError("provider", "The message names no job.", code="no_id")
    return remote_id


def _refused() -> ProviderError:
    return ProviderError("auth", "The message isn't signed by sync.so.", code="signature")
