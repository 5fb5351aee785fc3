"""Who may do what, as decorators of views. Whose a row is, is checked where it is loaded."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from clipboard.lib.addresses import client_of

View = Callable[..., HttpResponseBase]


def editors_only(view: View) -> View:
    """403 for members who may only look. Stands on every view that changes something of the team.

    Put it below the decorator of the methods, so that a wrong method stays a 405:

        @require_POST
        @editors_only
        def job_cancel(request, pk): ...

    It runs before the row is loaded: a viewer learns nothing about other teams' rows.
    """

    @wraps(view)
    def checked(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.membership.can_edit:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def admins_only(view: View) -> View:
    """403 for everyone but the team's owners and admins; where to put it, see `editors_only`."""

    @wraps(view)
    def checked(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.membership.can_manage:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def team_not_required(view: View) -> View:
    """For the few pages that also serve a signed-in person who is in no team yet."""
    view.team_required = False  # type: ignore[attr-defined]
    return view


def client_address(request: HttpRequest) -> str:
    """The network address of whoever asks, behind proxies of ours too."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return client_of(request.META.get("REMOTE_ADDR", ""), forwarded, settings.TRUSTED_PROXIES)


def address_tried(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Whose password is being tried, in one case: all cases sign the same person in."""
    tried = credentials or request.POST
    return str(tried.get("username", "")).strip().lower()
