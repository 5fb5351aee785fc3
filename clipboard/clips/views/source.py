"""Recordings: what is here, how it gets here, and what is asked of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from clipboard.clips import ingest, progress, tasks
from clipboard.clips.forms import JobForm, Sheet, SourceForm, TitleForm
from clipboard.clips.models import LONG, Job, Source
from clipboard.media.models import Upload
from clipboard.media.multipart import PartHandler, keep_part
from clipboard.media.uploads import UploadRefused
from clipboard.teams.access import editors_only

PAGE = 60
MOST_POLLED = 100
MOST_UPLOADS = 20


@require_safe
def source_list(request: Any) -> HttpResponse:
    """The team's recordings, newest first; `before` is the last one of the page above."""
    rows = Source.objects.of(request.team).listed()
    last = rows.only("created_at").filter(pk=number(request.GET.get("before"))).first()
    if last:
        rows = rows.before(last)
    sources = list(for_cards(rows)[: PAGE + 1])
    context = {
        **telling(sources[:PAGE]),
        "older": sources[PAGE - 1] if len(sources) > PAGE else None,
        "is_first_page": last is None,
        **stopped_uploads(request),
        "form": SourceForm(initial=DEFAULTS),
    }
    return render(request, "clips/source_list.html", context)


def stopped_uploads(request: Any) -> dict[str, Any]:
    """The newest of those that this person may go on with, and how many more there are."""
    mine = Upload.objects.visible_to(request.user.pk, request.team.pk).unfinished()
    newest = list(mine.reverse()[: MOST_UPLOADS + 1])
    more = mine.count() - MOST_UPLOADS if len(newest) > MOST_UPLOADS else 0
    return {"uploads": newest[:MOST_UPLOADS][::-1], "more_uploads": more}


@require_safe
def source_progress(request: Any) -> HttpResponse:
    """One answer for every busy card of a page: its state, or the whole card once it rests."""
    asked = [number(text) for text in request.GET.getlist("id")[:MOST_POLLED]]
    sources = list(for_cards(Source.objects.of(request.team).listed().filter(pk__in=asked)))
    return updates(request, sources)


@csrf_exempt  # the check reads the body, which the handler must be set up for; it comes just below
@require_POST
@editors_only
def source_add(request: Any) -> HttpResponseBase:
    """A link, or files from a form without JavaScript."""
    handler = PartHandler(request)
    request.upload_handlers = [handler]
    try:
        return add_what_was_sent(request)
    finally:
        handler.clear()


@csrf_protect
def add_what_was_sent(request: Any) -> HttpResponse:
    try:
        files = request.FILES.getlist("file")
        form = SourceForm(request.POST, has_file=bool(files))
        if form.is_valid():
            add_files(request, files)
            if form.cleaned_data["url"]:
                add_link(request, form)
            return added(request)
    except UploadRefused as refusal:
        form = SourceForm(initial=DEFAULTS)
        return source_form(request, form, refusal=refusal.sentence)
    return source_form(request, form)


def add_files(request: Any, files: Iterable[Any]) -> None:
    metadata = {"options": request.POST.urlencode()[:2000]}
    for file in files:
        keep_part(file, team=request.team, user=request.user, metadata=metadata)


def add_link(request: Any, form: SourceForm) -> None:
    ingest.add_url(
        form.cleaned_data["url"], team=request.team, user=request.user, options=form.options()
    )
    tasks.look_later()


def added(request: Any) -> HttpResponse:
    if not request.htmx:
        return redirect("source_list")
    response = render(request, "clips/_source_form.html", {"form": SourceForm(initial=DEFAULTS)})
    response["HX-Trigger"] = "clipboard:sources"
    return response


def source_form(request: Any, form: SourceForm, *, refusal: str = "") -> HttpResponse:
    template = "clips/_source_form.html" if request.htmx else "clips/source_add.html"
    return render(request, template, {"form": form, "refusal": refusal}, status=422)


@require_POST
@editors_only
def sample_add(request: Any) -> HttpResponse:
    ingest.add_sample(team=request.team, user=request.user)
    tasks.look_later()
    return redirect("source_list")


@require_safe
def source_detail(request: Any, pk: int) -> HttpResponse:
    source = load(request, pk)
    if request.htmx and request.GET.get("was") in BUSY_STATES and not source.is_busy:
        # The page that asks has no player yet.
        return HttpResponse(headers={"HX-Refresh": "true"})
    return source_page(request, source)


@require_POST
@editors_only
def job_create(request: Any, pk: int) -> HttpResponse:
    """Clips of a recording that is here, once more, with these options."""
    source = load(request, pk)
    form = JobForm(request.POST, source=source)
    if not form.is_valid():
        if request.htmx:
            context = {"source": source, "form": form}
            return render(request, "clips/_job_form.html", context, status=422)
        return source_page(request, source, form=form, status=422)
    ingest.request_clips(source, user=request.user, options=form.options())
    tasks.look_later()
    return moved(request, reverse("source_detail", args=[pk]))


@require_POST
@editors_only
def source_rename(request: Any, pk: int) -> HttpResponse:
    source = load(request, pk)
    form = TitleForm(request.POST)
    if not form.is_valid():
        return source_page(request, source, title_form=form, status=422)
    source.rename(form.cleaned_data["title"])
    return moved(request, reverse("source_detail", args=[pk]))


@require_POST
@editors_only
def source_retry(request: Any, pk: int) -> HttpResponse:
    source = load(request, pk)
    ingest.retry_source(source)
    tasks.look_later()
    if not request.htmx:
        return redirect("source_list")
    return updates(request, list(for_cards(Source.objects.filter(pk=pk))), whole=True)


# --- Loading and showing --------------------------------------------------------------------------

BUSY_STATES = (Source.State.FETCHING, Source.State.PREPARING)
DEFAULTS = {"captions": True, "aspect": "9:16"}


def load(request: Any, pk: int) -> Source:
    return get_object_or_404(Source.objects.of(request.team).defer("transcript"), pk=pk)


def for_cards(rows: QuerySet[Source]) -> QuerySet[Source]:
    latest = Job.objects.order_by("-created_at", "-pk")[:1]
    rows = rows.defer(*LONG, *(f"duplicate_of__{name}" for name in LONG))
    return rows.select_related("duplicate_of", "upload").prefetch_related(
        Prefetch("jobs", queryset=latest, to_attr="latest_jobs")
    )


def telling(sources: list[Source]) -> dict[str, Any]:
    """What templates need to say what goes on with these."""
    return {
        "sources": sources,
        "busy": busy(sources),
        "progress": progress,
        "now": timezone.now(),
    }


def busy(sources: Iterable[Any]) -> list[int]:
    """Ids of the cards that will change by themselves."""
    return [
        source.pk
        for source in sources
        if source.is_busy or any(job.is_open for job in source.latest_jobs)
    ]


def updates(request: Any, sources: list[Source], *, whole: bool = False) -> HttpResponse:
    """Cards for a page that shows them: their state while it changes, else (or if `whole`) all."""
    context = telling(sources) | {"whole": whole}
    return render(request, "clips/_source_updates.html", context)


def source_page(request: Any, source: Source, *, status: int = 200, **forms: Any) -> HttpResponse:
    jobs = list(source.jobs.listed()[:20])
    latest: Any = source
    latest.latest_jobs = jobs[:1]
    context = {
        "source": source,
        "jobs": jobs,
        **telling([source]),
        "form": JobForm(initial=DEFAULTS, source=source),
        "order": Sheet(source),
        "title_form": TitleForm(initial={"title": source.title}),
    }
    return render(request, "clips/source_detail.html", context | forms, status=status)


def moved(request: Any, address: str) -> HttpResponse:
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def number(text: str | None) -> int:
    """A row's id, or 0, which no row has."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
