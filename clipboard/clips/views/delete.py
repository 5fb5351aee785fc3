"""Deleting, here and at providers: asked on a page of its own, done, and told how it went."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clipboard.clips.deletion import HERE, ClipDeletion, Deletion, JobDeletion, SourceDeletion
from clipboard.clips.models import Clip, Errand, Job, Source
from clipboard.clips.tasks import ask_later
from clipboard.teams.access import editors_only

from .source import moved

MOST_TOLD = 20


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def job_delete(request: Any, pk: int) -> HttpResponse:
    """GET asks, POST does it."""
    jobs = Job.objects.of(request.team).with_source().select_related("account", "copy")
    deletion = JobDeletion(get_object_or_404(jobs, pk=pk))
    return asked(request, deletion, kept=reverse("job_detail", args=[pk]), gone=reverse("job_list"))


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def clip_delete(request: Any, pk: int) -> HttpResponse:
    clips = Clip.objects.of(request.team).select_related("source", "job__account", "job__source")
    clip = get_object_or_404(clips, pk=pk)
    gone = f"{reverse('clip_list')}?source={clip.source_id}"
    return asked(request, ClipDeletion(clip), kept=reverse("clip_detail", args=[pk]), gone=gone)


@require_http_methods(["GET", "HEAD", "POST"])
@editors_only
def source_delete(request: Any, pk: int) -> HttpResponse:
    source = get_object_or_404(Source.objects.of(request.team).without_long(), pk=pk)
    kept, gone = reverse("source_detail", args=[pk]), reverse("source_list")
    return asked(request, SourceDeletion(source), kept=kept, gone=gone)


@require_safe
def deletion_list(request: Any) -> HttpResponse:
    """How far deletions at providers are."""
    return shown(request)


@require_POST
@editors_only
def deletion_retry(request: Any, pk: int) -> HttpResponse:
    one_of(request, pk).ask_again()
    ask_later()
    return listed(request)


@require_POST
@editors_only
def deletion_dismiss(request: Any, pk: int) -> HttpResponse:
    """It was read. What still goes on stays in sight."""
    errand = one_of(request, pk)
    Errand.objects.filter(pk=errand.pk).exclude(state=Errand.State.WAITING).delete()
    return listed(request)


def asked(request: Any, deletion: Deletion, *, kept: str, gone: str) -> HttpResponse:
    """A form without choices means here alone."""
    has_choices = "asked" in request.POST
    names = [choice.name for choice in deletion.choices]
    chosen = [name for name in names if name in request.POST] if has_choices else [HERE]
    problem = deletion.problem_with(chosen)
    if request.method != "POST" or problem:
        shown = {"deletion": deletion, "chosen": chosen, "kept": kept, "problem": problem}
        status = 422 if request.method == "POST" else 200
        return render(request, "clips/delete.html", shown, status=status)
    messages.success(request, deletion.go(chosen, by=request.user))
    ask_later()
    return moved(request, gone if HERE in chosen else kept)


def listed(request: Any) -> HttpResponse:
    return shown(request) if request.htmx else redirect("job_list")


def shown(request: Any) -> HttpResponse:
    return render(request, "clips/_deletions.html", {"deletions": told_of(request)})


def one_of(request: Any, pk: int) -> Errand:
    errand: Errand = get_object_or_404(Errand.objects.of(request.team).deletions(), pk=pk)
    return errand


def told_of(request: Any) -> list[Errand]:
    return list(Errand.objects.of(request.team).told_of()[:MOST_TOLD])
