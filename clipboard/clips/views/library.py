"""A provider's own store of recordings, for those who manage the team's accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clipboard.clips import shelf
from clipboard.clips.forms.library import AddForm, GroupForm
from clipboard.clips.models import Account, RemoteCopy, Source
from clipboard.clips.tasks import ask_later, look_later
from clipboard.providers.library import RemoteAsset, RemoteGroup
from clipboard.providers.reading import identity
from clipboard.teams.access import admins_only

from .account import one_of
from .source import number

MOST_CHOSEN = 500
BADGES = {
    "failed": ("Failed", "bad"),
    "indexing": ("Being indexed", "busy"),
    "ready": ("Indexed", "good"),
}


class Told(NamedTuple):
    """What came of what was just done."""

    words: str
    is_well: bool = True


@require_safe
@admins_only
def library_detail(request: Any, pk: int) -> HttpResponse:
    """The page comes at once; what lies there is asked for by it, or at once with `asked`."""
    account = store_of(request, pk)
    if request.htmx or "asked" in request.GET:
        return shown(request, account)
    return render(request, "clips/library.html", basics(request, account))


@require_safe
@admins_only
def library_coming(request: Any, pk: int) -> HttpResponse:
    """What is on its way there; the provider is not asked."""
    account = store_of(request, pk)
    context = {"account": account, "coming": shelf.coming(account), "was_coming": True}
    return render(request, "clips/_library_coming.html", context)


@require_POST
@admins_only
def library_add(request: Any, pk: int) -> HttpResponse:
    account, form = store_of(request, pk), AddForm(request.POST)
    if not form.is_valid():
        return shown(request, account, status=422, add_form=form)
    given, group = form.cleaned_data, opened(request)
    return acted(
        request,
        account,
        lambda: shelf.add(
            account,
            address=given["url"],
            title=given["title"],
            group="" if group == shelf.NO_GROUP else group,
            wants_index=given["index"],
            wants_thumbnails=given["thumbnails"],
            recorded_at=given["recorded_at"],
        ),
    )


@require_POST
@admins_only
def library_send(request: Any, pk: int) -> HttpResponse:
    account = store_of(request, pk)
    sources = Source.objects.of(request.team).without_long()
    ready = sources.filter(state=Source.State.READY).exclude(file="")
    chosen = [number(pk) for pk in request.POST.getlist("source")[: shelf.MOST_SENT]]
    wanted = list(ready.filter(pk__in=chosen))
    if not wanted:
        return refused(request, account, "Tick a recording to send.")
    response = acted(request, account, lambda: shelf.send(account, wanted))
    look_later()
    return response


@require_POST
@admins_only
def library_stop(request: Any, pk: int) -> HttpResponse:
    account = store_of(request, pk)
    copies = RemoteCopy.objects.filter(account=account)
    copy = copies.filter(pk=number(request.POST.get("copy"))).first()
    if copy is None:
        return refused(request, account, "That is not on its way any more.")
    copy.stop_sending()
    words = "a job still needs it, so that it goes on." if copy.is_wanted else "it is not sent."
    return acted(request, account, lambda: f"“{copy.name}”: {words}")


@require_POST
@admins_only
def library_move(request: Any, pk: int) -> HttpResponse:
    account, ids = store_of(request, pk), chosen(request)
    if not ids:
        return refused(request, account, NOTHING_CHOSEN)
    to = identity(request.POST.get("to"))
    group = RemoteGroup(remote_id=to, name=request.POST.get(f"name-{to}") or to) if to else None
    return acted(request, account, lambda: shelf.move(account, ids, group))


@require_POST
@admins_only
def library_delete(request: Any, pk: int) -> HttpResponse:
    """Asks first; with `sure` it is done."""
    account, ids = store_of(request, pk), chosen(request)
    if not ids:
        return refused(request, account, NOTHING_CHOSEN)
    if "sure" not in request.POST:
        return shown(request, account, doomed=ids)
    response = acted(request, account, lambda: shelf.delete(account, ids))
    ask_later()
    return response


@require_POST
@admins_only
def group_create(request: Any, pk: int) -> HttpResponse:
    account, form = store_of(request, pk), GroupForm(request.POST)
    if not form.is_valid():
        return shown(request, account, status=422, group_form=form)
    return acted(request, account, lambda: shelf.create_group(account, form.cleaned_data["name"]))


@require_POST
@admins_only
def group_rename(request: Any, pk: int) -> HttpResponse:
    account, form = store_of(request, pk), GroupForm(request.POST)
    if not form.is_valid():
        return shown(request, account, status=422, name_form=form)
    group, name = group_meant(request), form.cleaned_data["name"]
    if group is None:
        return refused(request, account, NO_GROUP_OPEN)
    return acted(request, account, lambda: shelf.rename_group(account, group, name))


@require_POST
@admins_only
def group_delete(request: Any, pk: int) -> HttpResponse:
    account, group = store_of(request, pk), group_meant(request)
    if group is None:
        return refused(request, account, NO_GROUP_OPEN)
    return acted(request, account, lambda: shelf.delete_group(account, group), leaves=True)


# --- Loading and showing --------------------------------------------------------------------------

NO_GROUP_OPEN = "Open the group that you mean first."
NOTHING_CHOSEN = "Tick the videos that you mean first."


def store_of(request: Any, pk: int) -> Account:
    account = one_of(request, pk)
    if account.adapter.library is None:
        raise Http404
    return account


def chosen(request: Any) -> list[str]:
    given = request.POST.getlist("video")[:MOST_CHOSEN]
    return list(dict.fromkeys(found for one in given if (found := identity(one))))


def opened(request: Any) -> str:
    """The group whose tab is open."""
    given = request.POST if request.method == "POST" else request.GET
    return identity(given.get("group"))


def group_meant(request: Any) -> RemoteGroup | None:
    group = opened(request)
    if not group or group == shelf.NO_GROUP:
        return None
    return RemoteGroup(remote_id=group, name=request.POST.get("was", "")[:200] or group)


def acted(
    request: Any, account: Account, do: Callable[[], str], *, leaves: bool = False
) -> HttpResponse:
    """Do it, say what came of it, and show the store as it is then; `leaves`: with no tab open."""
    try:
        told = Told(do())
    except shelf.Refused as refusal:
        told = Told(str(refusal), is_well=False)
    if request.htmx:
        return shown(request, account, told, group="" if leaves and told.is_well else None)
    (messages.success if told.is_well else messages.error)(request, told.words)
    query = {"asked": "1"} if leaves else {"asked": "1", "group": opened(request)}
    return redirect(f"{reverse('library_detail', args=[account.pk])}?{urlencode(query)}")


def refused(request: Any, account: Account, words: str) -> HttpResponse:
    return shown(request, account, Told(words, is_well=False), 422)


def shown(
    request: Any,
    account: Account,
    told: Told | None = None,
    status: int = 200,
    *,
    group: str | None = None,
    **forms: Any,
) -> HttpResponse:
    found = shelf.look(one_of(request, account.pk))
    context = basics(request, account, group=group) | {
        "shelf": found,
        "rows": found.in_group(opened(request) if group is None else group),
        "ours": found.ours(),
        "told": told,
    }
    template = "clips/_library.html" if request.htmx else "clips/library.html"
    return render(request, template, context | forms, status=status)


def basics(request: Any, account: Account, *, group: str | None = None) -> dict[str, Any]:
    return {
        "account": account,
        "group": opened(request) if group is None else group,
        "no_group": shelf.NO_GROUP,
        "most_shown": shelf.MOST_SHOWN,
        "shelf": None,
        "told": None,
        "doomed": [],
        "badge": badge,
        "to_send": shelf.to_send(account),
        "coming": shelf.coming(account),
        "was_coming": False,
        "add_form": AddForm(),
        "group_form": GroupForm(),
        "name_form": None,
        "now": timezone.now(),
    }


def badge(video: RemoteAsset) -> tuple[str, str]:
    """(words, tone) of what is known of it."""
    if video.state in BADGES:
        return BADGES[video.state]
    return ("Stored, not indexed", "") if video.is_usable else ("Being taken in", "busy")
