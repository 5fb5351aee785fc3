"""Ordering from providers: one form for several accounts, its presets, and what it would cost."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from clipboard.clips.forms.order import Sheet
from clipboard.clips.models import Clip, Preset, Source
from clipboard.clips.tasks import ask_later
from clipboard.lib.wording import listing, plural
from clipboard.teams.access import editors_only

from .source import moved, number


@require_POST
@editors_only
def order_form(request: Any, pk: int) -> HttpResponse:
    """The form again, for the accounts chosen now, with what was typed so far."""
    return shown(request, sheet_of(request, pk, is_checked=False))


@require_POST
@editors_only
def order_create(request: Any, pk: int) -> HttpResponse:
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
    return shown(request, sheet, status=200 if saved else 422)


@require_POST
@editors_only
def preset_delete(request: Any, pk: int) -> HttpResponse:
    preset = get_object_or_404(Preset, pk=pk, team=request.team)
    preset.delete()
    source = number(request.POST.get("source"))
    if not Source.objects.of(request.team).filter(pk=source).exists():
        return redirect("source_list")
    return shown(request, sheet_of(request, source, is_checked=False))


def sheet_of(request: Any, pk: int, *, is_checked: bool = True) -> Sheet:
    source = get_object_or_404(Source.objects.of(request.team), pk=pk)
    clip = None
    if asked := request.POST.get("clip"):
        clip = get_object_or_404(Clip.objects.of(request.team), pk=number(asked), source=source)
    return Sheet(source, clip=clip, data=request.POST, is_checked=is_checked)


def shown(request: Any, sheet: Sheet, *, status: int = 200) -> HttpResponse:
    template = "clips/_order.html" if request.htmx else "clips/order.html"
    return render(request, template, {"order": sheet}, status=status)
