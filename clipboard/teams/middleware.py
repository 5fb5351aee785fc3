"""Closed by default: a page is for signed-in members unless its view says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequired
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from .models import Membership

TEAM_SESSION_KEY = "team"


class LoginRequiredMiddleware(DjangoLoginRequired):
    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        response = super().handle_no_permission(request, view_func)
        if not getattr(request, "htmx", False):
            return response
        # A redirect would put the sign-in form into a card; send the whole page there instead.
        return HttpResponse(status=401, headers={"HX-Refresh": "true"})


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
        request.membership = current_membership(request)
        request.team = request.membership.team if request.membership else None
        if request.team is None and not request.path.startswith("/admin/"):
            return render(request, "teams/no_team.html", status=403)
        return None


def current_membership(request: Any) -> Membership | None:
    memberships = Membership.objects.filter(user=request.user).select_related("team")
    chosen = request.session.get(TEAM_SESSION_KEY)
    rows = sorted(memberships, key=lambda row: (row.team_id != chosen, row.pk))
    return rows[0] if rows else None
