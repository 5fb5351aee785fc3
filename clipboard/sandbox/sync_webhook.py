"""sync.so's messages to the address that an order named: sent once, signed, never repeated.

Only addresses on this machine are written to.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
import threading
import urllib.request
from typing import Any

from clipboard.sandbox.nearby import ask as ask_nearby
from clipboard.sandbox.nearby import is_nearby
from clipboard.sandbox.sync_jobs import ENDED, body_of, stage_of
from clipboard.sandbox.vendor import Ask

LOOK_AGAIN = 0.05  # seconds
LEFT_OUT = ("outputFileName", "projectId", "synthesizedAudioUrl", "errorCode", "outputMediaUrl")


def secret_of(key: str) -> str:
    """One that whoever knows the key can tell, so that nobody has to ask."""
    return f"whsec_{key}"


def signature(body: bytes, secret: str, moment: int) -> str:
    signed = f"{moment}.".encode() + body
    return f"t={moment},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def send_when_done(ask: Ask, job: dict[str, Any]) -> None:
    url = str(job["webhookUrl"] or "")
    if is_nearby(url):
        name = f"webhook of {job['id']}"
        threading.Thread(target=watch, args=(ask, job, url), name=name, daemon=True).start()


def watch(ask: Ask, job: dict[str, Any], url: str) -> None:
    """Until the generation has ended, or the sandbox has."""
    try:
        while stage_of(ask, job) not in ENDED:
            if ask.world.memory.closed.wait(LOOK_AGAIN):
                return
        if ask.world.get("generation", job["id"]):
            send(ask, message(ask, job), url)
    except (OSError, sqlite3.Error):
        pass  # nobody there: who missed it asks


def message(ask: Ask, job: dict[str, Any]) -> bytes:
    """A generation as webhooks tell it, which call a failure's code otherwise than answers do."""
    body = body_of(ask, job)
    told = {name: value for name, value in body.items() if name not in LEFT_OUT}
    return json.dumps(told | {"error_code": body["errorCode"]}).encode()


def send(ask: Ask, body: bytes, url: str) -> None:
    signed = signature(body, secret_of(ask.world.key), int(ask.world.now))
    headers = {"Content-Type": "application/json", "Sync-Signature": signed}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 (`ask` looks at its scheme)
    with ask_nearby(request, seconds=10):
        pass
