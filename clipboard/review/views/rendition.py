"""Other shapes and sizes of a clip, rendered on demand and kept."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from clipboard.clips.models import Rendition
from clipboard.clips.render import rendition_for
from clipboard.clips.tasks import look_later
from clipboard.media.serve import serve_file
from clipboard.review.forms import RenditionForm
from clipboard.teams.access import editors_only

from .clip import clip_context, clip_of, file_name, rendition_context


@require_safe
def rendition_list(request: Any, pk: int) -> HttpResponse:
    return render(request, "review/_rendition_list.html", rendition_context(clip_of(request, pk)))


@require_POST
@editors_only
def rendition_create(request: Any, pk: int) -> HttpResponse:
    clip = clip_of(request, pk)
    form = RenditionForm(request.POST, clip=clip)
    if form.is_valid():
        rendition_for(clip, **form.wanted())
        look_later()
        form = RenditionForm(clip=clip)
        if not request.htmx:
            return redirect("clip_detail", pk)
    context = rendition_context(clip, form)
    template = "review/_renditions.html" if request.htmx else "review/clip_detail.html"
    if not request.htmx:
        context = clip_context(request, clip) | context | {"in_panel": False}
    return render(request, template, context, status=422 if form.is_bound else 200)


@require_safe
def rendition_download(request: Any, pk: int) -> HttpResponseBase:
    rows = Rendition.objects.filter(clip__team=request.team).select_related("clip")
    row = get_object_or_404(rows, pk=pk)
    if not row.file:
        raise Http404
    name = file_name(row.clip, row.aspect, row.height)
    return serve_file(request, row.file.name, download_as=name)
