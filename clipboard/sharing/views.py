"""What people without an account see; looked up by token only."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .models import ShareLink


@require_safe
def share_link_list(request: Any) -> HttpResponse:
    links = ShareLink.objects.of(request.team).select_related("clip").order_by("-created_at")
    return render(request, "sharing/share_link_list.html", {"links": links[:100]})
