"""Keeping other services' keys: encrypted with a secret that lies outside the database."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence


class CannotOpen(Exception):
    """Sealed with a secret that we no longer have, or tampered with."""


class Seal:
    """Seals with the first secret and opens with any: a new one put in front starts a rotation.

    A secret is 32 bytes in URL-safe base64 (Fernet: AES-128-CBC and HMAC-SHA256, each token with
    its own IV, https://github.com/fernet/spec). Raises ValueError for anything else.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        from cryptography.fernet import Fernet, InvalidToken, MultiFernet  # few processes need it

        self._fernet = MultiFernet([Fernet(secret) for secret in secrets])
        self._invalid = InvalidToken

    def seal(self, plain: str) -> str:
        return self._fernet.encrypt(plain.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        try:
            return self._fernet.decrypt(sealed.encode("ascii", "replace")).decode()
        except self._invalid:
            raise CannotOpen from None

    def renew(self, sealed: str) -> str:
        """The same, sealed with the first secret."""
        try:
            return self._fernet.rotate(sealed.encode("ascii", "replace")).decode("ascii")
        except self._invalid:
            raise CannotOpen from None


def new_secret() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode("ascii")
