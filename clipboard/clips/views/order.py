"""Ordering from providers: one form for several accounts, its presets, and what it would cost."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from clipboard.clips.forms.order import Sheet, as_ordered
from clipboard.clips.models import Clip, Job, Preset, Source
from clipboard.clips.tasks import ask_later
from clipboard.lib.wording import listing, plural
from clipboard.teams.access import editors_only

from .source import moved, number


@require_POST
@editors_only
def order_form(request: Any, pk: int) -> HttpResponse:
    """The form again, for the accounts chosen now, with what was typed so far."""
    return shown(request, sheet_of(request, pk, is_checked=False))


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def order_create(request: Any, pk: int) -> HttpResponse:
    """GET shows the form on a page of its own: as a job was ordered that `from` names, else empty,
    for the recording or for the clip that `clip` names. POST orders."""
    if request.method != "POST":
        return order_page(request, pk)
    sheet = sheet_of(request, pk)
    jobs = sheet.place(user=request.user)
    if not jobs:
        return shown(request, sheet, status=422)
    ask_later()
    titles = listing([str(line) for line in sheet.lines])
    messages.success(request, f"{plural(len(jobs), 'job')} ordered from {titles}.")
    return moved(request, reverse("job_list"))


@require_POST
@editors_only
def order_estimate(request: Any, pk: int) -> HttpResponse:
    """What it would cost; nothing is ordered."""
    sheet = sheet_of(request, pk)
    for line in sheet.lines:
        line.ask_price()
    wrong = any(line.options is None for line in sheet.lines)
    return shown(request, sheet, status=422 if wrong else 200)


@require_POST
@editors_only
def preset_create(request: Any, pk: int) -> HttpResponse:
    """Keep the choices of the account that `save` names."""
    sheet = sheet_of(request, pk)
    line = sheet.line_of(request.POST.get("save"))
    saved = line is not None and line.save_preset()
    response = shown(request, sheet, status=200 if saved else 422)
    if saved and line and line.preset:
        said = {"text": f"Saved for the whole team as “{line.preset.name}”."}
        trigger_client_event(response, "clipboard:toast", said)
    return response


@require_POST
@editors_only
def preset_delete(request: Any, pk: int) -> HttpResponse:
    preset = get_object_or_404(Preset, pk=pk, team=request.team)
    preset.delete()
    source = number(request.POST.get("source"))
    if not Source.objects.of(request.team).filter(pk=source).exists():
        return redirect("source_list")
    return shown(request, sheet_of(request, source, is_checked=False))


def order_page(request: Any, pk: int) -> HttpResponse:
    if not request.GET.get("from"):
        return shown(request, Sheet(source_of(request, pk), clip=clip_named(request.GET, pk)))
    jobs = Job.objects.of(request.team).with_source().select_related("clip", "account")
    job = get_object_or_404(jobs, pk=number(request.GET["from"]), source=pk)
    sheet = Sheet(job.source, clip=job.clip, data=as_ordered(job))
    return shown(request, sheet, earlier=job)


def sheet_of(request: Any, pk: int, *, is_checked: bool = True) -> Sheet:
    source, clip = source_of(request, pk), clip_named(request.POST, pk)
    return Sheet(source, clip=clip, data=request.POST, is_checked=is_checked)


def source_of(request: Any, pk: int) -> Source:
    return get_object_or_404(Source.objects.of(request.team).without_long(), pk=pk)


def clip_named(given: QueryDict, source: int) -> Clip | None:
    asked = given.get("clip")
    return get_object_or_404(Clip, pk=number(asked), source=source) if asked else None


def shown(
    request: Any, sheet: Sheet, *, status: int = 200, earlier: Job | None = None
) -> HttpResponse:
    template = "clips/_order.html" if request.htmx else "clips/order.html"
    return render(request, template, {"order": sheet, "earlier": earlier}, status=status)
