"""Django's Storage API is the port: `file.url` is signed and expires; nothing else opens a file."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from functools import lru_cache
from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.utils.crypto import constant_time_compare

SALT = b"clipboard.media.url"


class SignedFileSystemStorage(FileSystemStorage):
    def url(self, name: str | None) -> str:
        """Address of a stored file, good for at most MEDIA_URL_SECONDS.

        Expiry moves in quarters of that time, so that a browser may keep a poster it has seen.
        """
        expires = expiry(time.time())
        return f"/media/{quote(name or '')}?e={expires}&k={signature(name or '', expires)}"


def expiry(now: float) -> int:
    lifetime = settings.MEDIA_URL_SECONDS
    step = max(1, lifetime // 4)
    return (int(now) // step + 1) * step + lifetime - step


def signature(name: str, expires: int) -> str:
    """96 bits: few enough to send with every picture, and good for an hour."""
    return key_of(signed_as(name), expires, settings.SECRET_KEY)


@lru_cache(maxsize=256)
def key_of(what: str, expires: int, secret: str) -> str:
    message = f"{expires}:{what}".encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(
        hmac.digest(signing_key(secret), message, "sha256")[:12]
    ).decode()


def signed_as(name: str) -> str:
    """The pictures of one folder (a poster, its filmstrip) share a key: half the bytes of a grid
    of cards would be keys otherwise, since nothing compresses them."""
    folder, _, file = name.rpartition("/")
    return f"{folder}/*.webp" if folder and file.endswith(".webp") else name


@lru_cache(maxsize=4)
def signing_key(secret: str) -> bytes:
    return hashlib.sha256(SALT + b":" + secret.encode()).digest()


def is_signed(name: str, expires: str, given: str, *, now: float) -> bool:
    """Whether `given` is our signature over `name` and it has not run out."""
    if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):
        return False
    return int(expires) > now and constant_time_compare(signature(name, int(expires)), given)
