"""Addresses of one-time sign-in links, as they are given to people."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse


def base_url() -> str:
    """Where people reach this Clipboard."""
    return settings.PUBLIC_BASE_URL or f"http://localhost:{settings.PORT}"


def sign_in_address(token: str) -> str:
    return base_url() + reverse("login_link", args=[token])
