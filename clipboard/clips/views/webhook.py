"""The door for providers' messages."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from clipboard.clips import webhook
from clipboard.clips.tasks import ask_later

MOST_BYTES = 256 * 1024


@csrf_exempt
@login_not_required
@require_POST
def webhook_receive(request: Any, token: str) -> HttpResponse:
    """The same answer to whatever comes: nobody learns here what is known or believed."""
    account = webhook.account_of(token)
    length = request.headers.get("content-length", "")
    is_small = length.isascii() and length.isdigit() and int(length[:20]) <= MOST_BYTES
    if account and is_small and webhook.receive(account, request.body, request.headers):
        ask_later()
    return HttpResponse(status=204)
