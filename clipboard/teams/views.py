"""Signing in with a one-time link or a password, choosing a team and a look."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.views import defaults
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from .access import team_not_required
from .links import came_from
from .middleware import TEAM_SESSION_KEY
from .models import LoginLink

THEMES = ("system", "dark", "light")
YEAR = 365 * 24 * 3600
BUSY_SECONDS = 5


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """With an address and a password; who is signed in already goes on."""
    return LoginView.as_view(redirect_authenticated_user=True)(request)


@never_cache
@login_not_required
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def login_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button, so that a chat's link preview cannot spend the link."""
    link = LoginLink.objects.with_token(token).live(at=timezone.now()).first()
    if link is None:
        return render(request, "registration/link_gone.html", status=404)
    if request.method != "POST":
        return render(request, "registration/link.html", {"person": link.user})
    if not link.use():
        return render(request, "registration/link_gone.html", status=404)
    login(request, link.user, backend="clipboard.teams.backend.MemberBackend")
    return redirect("source_list")


@team_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and have the browser forget what it kept of this site."""
    logout(request)
    response = redirect("login")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@require_POST
def team_choose(request: Any, pk: int) -> HttpResponse:
    membership = next((one for one in request.memberships if one.team_id == pk), None)
    if membership is None:
        raise Http404
    request.session[TEAM_SESSION_KEY] = membership.team_id
    return redirect("source_list")


@require_POST
def theme_choose(request: Any) -> HttpResponse:
    """Keep the look in a cookie, so that the next page comes in it at once."""
    theme = request.POST.get("theme")
    if theme not in THEMES:
        return HttpResponseBadRequest("Choose system, dark or light.")
    response = HttpResponse(status=204) if request.htmx else redirect(came_from(request) or "home")
    response.set_cookie(
        "theme",
        theme,
        max_age=YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For pages that name no icon of their own, such as the admin site's."""
    return redirect(static("img/icon.svg"))


def csrf_failure(request: Any, reason: str = "") -> HttpResponse:
    """A form from a page that is older than the session, or from another site."""
    response = render(request, "403_csrf.html", status=403)
    if getattr(request, "htmx", False):
        trigger_client_event(
            response,
            "clipboard:toast",
            {
                "text": "Nothing was changed: this page is out of date. Reload it and try again.",
                "kind": "error",
            },
        )
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """A page that needs no database; where that alone was busy, another try is worth while."""
    error = sys.exc_info()[1]
    if not isinstance(error, OperationalError):
        return defaults.server_error(request)
    page = render_to_string("503.html")
    return HttpResponse(page, status=503, headers={"Retry-After": str(BUSY_SECONDS)})
