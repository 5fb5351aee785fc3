"""Addresses of this site: where people reach it, where they came from, where they sign in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def base_url(request: HttpRequest | None = None) -> str:
    """Where people reach this Clipboard: what the settings say, else where this request did."""
    if settings.PUBLIC_BASE_URL or request is None:
        return settings.PUBLIC_BASE_URL or f"http://localhost:{settings.PORT}"
    return f"{request.scheme}://{request.get_host()}"


def came_from(request: HttpRequest) -> str:
    """The page of ours that sent this form; empty where that is none of ours, or not told."""
    address = request.headers.get("Referer", "")
    host, is_secure = request.get_host(), request.is_secure()
    return address if url_has_allowed_host_and_scheme(address, {host}, is_secure) else ""


def sign_in_address(token: str) -> str:
    return base_url() + reverse("login_link", args=[token])
