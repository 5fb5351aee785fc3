"""Closed by default: a page is for signed-in members unless its view says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequired
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.cache import patch_vary_headers

from .models import Membership

TEAM_SESSION_KEY = "team"
DEBUG_PAGES = (404, 500)  # Django's own, which bring their style along


class LoginRequiredMiddleware(DjangoLoginRequired):
    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        if sentence := getattr(view_func, "signed_out_sentence", ""):
            return HttpResponse(sentence, content_type="text/plain; charset=utf-8", status=401)
        response = super().handle_no_permission(request, view_func)
        if not getattr(request, "htmx", False):
            return response
        # A redirect would put the sign-in form into a card; send the whole page there instead.
        if request.method in ("GET", "HEAD"):
            return HttpResponse(status=401, headers={"HX-Refresh": "true"})
        return HttpResponse(status=401, headers={"HX-Redirect": sign_in_again(request)})


def sign_in_again(request: Any) -> str:
    """The sign-in page, which says that it was not done and leads back to where it was asked."""
    query = {"next": request.htmx.current_url_abs_path or reverse("home"), "lost": "1"}
    return f"{reverse('login')}?{urlencode(query)}"


class CurrentTeamMiddleware:
    """`request.membership` and `request.team`: the team chosen in this session, else the first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: Any, view_func: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None
        request.memberships = memberships(request)
        request.membership = next(iter(request.memberships), None)
        request.team = request.membership.team if request.membership else None
        needs_team = getattr(view_func, "team_required", not request.path.startswith("/admin/"))
        if request.team is None and needs_team:
            return render(request, "teams/no_team.html", status=403)
        return None


class FormsAloneMiddleware:
    """What only takes forms, but was opened like a page (reloaded, or come back to by signing in
    on the way), says so and leads on; nothing at all would be shown otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_page = request.method == "GET" and not getattr(request, "htmx", False)
        if response.status_code != 405 or not (is_page and request.accepts("text/html")):
            return response
        told = render(request, "405.html", {"above": page_above(request.path)}, status=405)
        told["Allow"] = response["Allow"]
        told._has_been_logged = True  # type: ignore[attr-defined]
        return told


NO_PAGES = {"deletion_list", "rendition_list", "upload_list"}  # parts of others, or for programs
LISTS = {"deletions": "job_list", "share-links": "share_link_list"}


def page_above(path: str) -> str:
    """The nearest page above an address, else the list that it belongs to."""
    first = path.split("/")[1]
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        with suppress(Resolver404):
            if resolve(path).url_name not in NO_PAGES | {"home"}:
                return path
    return reverse(LISTS.get(first, "home"))


def memberships(request: Any) -> list[Membership]:
    """This person's memberships, the chosen team's first."""
    chosen = request.session.get(TEAM_SESSION_KEY)
    return sorted(request.user.joined, key=lambda row: row.team_id != chosen)


class PrivateByDefaultMiddleware:
    """Headers that every answer carries unless its view said something else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.policy = build_policy()  # the same for every page: no view changes it, none has nonces

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not (settings.DEBUG and response.status_code in DEBUG_PAGES):
            response.setdefault("Content-Security-Policy", self.policy)
        response.setdefault("Cache-Control", "private, no-store")
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if response.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["HX-Request"])
        return response
