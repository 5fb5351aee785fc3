"""Files behind signed addresses, and the tus 1.0.0 endpoint (https://tus.io) that takes them in."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from .models import Upload
from .serve import serve_file
from .storage import is_signed
from .uploads import (
    UploadRefused,
    append,
    give_up,
    most_bytes,
    resume_upload,
    start_upload,
)

STALL_SECONDS = 20
MAY_LOOK = "You may look but not upload; ask an admin of the team."
SIGNED_OUT = "You are signed out. Sign in again; the upload goes on afterwards."


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


def tus(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Checks the protocol's version and who asks; turns refusals into the protocol's answers.

    Strangers get a 401 with one sentence, before anything else is checked: clients follow no
    redirect to a sign-in page.
    """
    checked = csrf_protect(view)

    @csrf_exempt  # until it is known who asks; `checked` does it
    @wraps(view)
    def spoken(request: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != "1.0.0":
                raise UploadRefused(412, "Speak tus 1.0.0 to this address.")
            if not any(membership.can_edit for membership in request.memberships):
                raise UploadRefused(403, MAY_LOOK)
            response = checked(request, *args, **kwargs)
        except UploadRefused as refusal:
            response = refused(refusal)
        response["Tus-Resumable"] = response["Tus-Version"] = "1.0.0"
        response["Cache-Control"] = "no-store"
        return response

    # For LoginRequiredMiddleware.
    spoken.signed_out_sentence = SIGNED_OUT  # type: ignore[attr-defined]
    return spoken


def refused(refusal: UploadRefused) -> HttpResponse:
    response = HttpResponse(refusal.sentence, content_type="text/plain", status=refusal.status)
    if refusal.offset is not None:
        response["Upload-Offset"] = str(refusal.offset)
    return response


@require_http_methods(["OPTIONS", "POST"])
@tus
def upload_list(request: Any) -> HttpResponse:
    """Announce an upload, with its first bytes if the client likes."""
    if request.method == "OPTIONS":
        return abilities()
    if not request.membership.can_edit:
        raise UploadRefused(403, MAY_LOOK)
    size = whole_number(request, "Upload-Length")
    metadata = read_metadata(request.headers.get("Upload-Metadata", ""))
    upload = start_upload(
        team=request.team,
        user=request.user,
        file_name=metadata.get("filename") or metadata.get("name", ""),
        size=size,
        metadata=metadata,
    )
    if request.content_type == "application/offset+octet-stream":
        receive(request, upload, 0)
    response = HttpResponse(status=201)
    # Relative, so that it is right behind every proxy.
    response["Location"] = reverse("upload_detail", args=[upload.pk])
    return described(response, upload)


@require_http_methods(["OPTIONS", "HEAD", "PATCH", "DELETE"])
@tus
def upload_detail(request: Any, pk: UUID) -> HttpResponse:
    """Ask how far it is, go on, or give it up. Another person's is a 404."""
    if request.method == "OPTIONS":
        return abilities()
    upload = get_object_or_404(Upload.objects.sent_by(request.user), pk=pk)
    if request.method == "DELETE":
        give_up(upload)
        return HttpResponse(status=204)
    if request.method == "PATCH":
        if request.content_type != "application/offset+octet-stream":
            raise UploadRefused(415, "Send the bytes as application/offset+octet-stream.")
        receive(request, upload, whole_number(request, "Upload-Offset"))
        return described(HttpResponse(status=204), upload)
    resume_upload(upload)
    response = described(HttpResponse(status=200), upload)
    response["Upload-Length"] = str(upload.size)
    return response


def receive(request: Any, upload: Upload, offset: int) -> None:
    connection = request.META.get("gunicorn.socket")
    if connection:
        # A sender who vanished without a word must not hold the file's lock for ever.
        connection.settimeout(STALL_SECONDS)
    length = whole_number(request, "Content-Length")
    append(upload, offset=offset, length=length, read=request.read)
    if connection:
        connection.settimeout(None)


def described(response: HttpResponse, upload: Upload) -> HttpResponse:
    response["Upload-Offset"] = str(upload.size if upload.finished_at else upload.offset)
    if not upload.finished_at:
        ends = upload.touched_at + timedelta(hours=settings.UPLOAD_KEEP_HOURS)
        response["Upload-Expires"] = http_date(ends.timestamp())
    return response


def abilities() -> HttpResponse:
    response = HttpResponse(status=204)
    response["Tus-Extension"] = "creation,creation-with-upload,termination,expiration"
    response["Tus-Max-Size"] = str(most_bytes())
    return response


def whole_number(request: HttpRequest, header: str) -> int:
    value = request.headers.get(header, "")
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise UploadRefused(400, f"The header {header} must be a whole number.")
    return int(value)


def read_metadata(header: str) -> dict[str, str]:
    """Upload-Metadata: pairs of a key and a base64 value, divided by commas.

    >>> read_metadata("filename dGFsay5tcDQ=,is_draft")
    {'filename': 'talk.mp4', 'is_draft': ''}
    """
    pairs = (pair.strip().partition(" ") for pair in header.split(",") if pair.strip())
    try:
        return {
            key: base64.b64decode(value, validate=True).decode("utf-8", "replace").replace("\0", "")
            for key, _, value in pairs
        }
    except (binascii.Error, ValueError) as error:
        raise UploadRefused(400, "Upload-Metadata must hold keys with base64 values.") from error
