"""Files behind signed addresses."""

from __future__ import annotations

import time

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from .serve import serve_file
from .storage import is_signed


@login_not_required
@require_safe
def media_serve(request: HttpRequest, name: str) -> HttpResponseBase:
    """The signature and its age are the permission."""
    expires, key = request.GET.get("e", ""), request.GET.get("k", "")
    now = time.time()
    if not is_signed(name, expires, key, now=now):
        return HttpResponse(
            "This address has run out. Reload the page for a fresh one.", status=403
        )
    if not name:
        raise Http404
    return serve_file(request, name, max_age=max(0, int(int(expires) - now)))
