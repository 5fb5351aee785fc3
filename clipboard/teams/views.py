"""Signing in with a one-time link or a password, and choosing a team."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from .middleware import TEAM_SESSION_KEY
from .models import LoginLink, Membership

sign_in = LoginView.as_view(redirect_authenticated_user=True)


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
    login(request, link.user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("source_list")


@require_POST
def team_choose(request: Any, pk: int) -> HttpResponse:
    membership = get_object_or_404(Membership, team_id=pk, user=request.user)
    request.session[TEAM_SESSION_KEY] = membership.team_id
    return redirect("source_list")
