"""Every route of the product in one table: what it takes, about what, and who may use it.

A new route needs a row here; tests/test_access.py fails without one. From the row follow the tests
of access, methods, headers, accessibility and content security.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from clipboard.clips.models import Delivery, Download, Rendition, ask_for, copy_of, note
from clipboard.media.uploads import start_upload
from clipboard.teams.models import LoginLink
from tests import factories

SAFE = ("GET", "HEAD")
ANY = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE")


@dataclass(frozen=True)
class Route:
    takes: tuple[str, ...] = SAFE
    about: str = ""  # the kind of row in its address
    public: bool = False  # opens without an account
    editors: bool = False  # refuses people who may only look
    admins: bool = False  # refuses all but owners and admins
    signed: bool = False  # proven by a signature, not by a form's token: tests of its own
    page: bool = False  # a whole page, as opposed to a fragment, a file or data


def page(about="", **more):
    return Route(about=about, page=True, **more)


def part(about=""):
    return Route(about=about)


def act(about="", **more):
    return Route(("POST",), about, **{"editors": True} | more)


ROUTES = {
    "home": page(),
    "favicon": Route(public=True),
    # teams
    "login": page(takes=("GET", "HEAD", "POST"), public=True),
    "login_link": page("login_link", takes=("GET", "HEAD", "POST"), public=True),
    "logout": act(editors=False),
    "team_choose": act("team", editors=False),
    "theme_choose": act(editors=False),
    # media
    "media_serve": Route(about="file", public=True),
    "upload_list": Route(("POST", "OPTIONS"), editors=True),
    "upload_detail": Route(("HEAD", "PATCH", "DELETE", "OPTIONS"), "upload", editors=True),
    # clips
    "source_list": page(),
    "source_add": act(),
    "sample_add": act(),
    "source_progress": part(),
    "source_detail": page("source"),
    "job_create": act("source"),
    "source_rename": act("source"),
    "source_retry": act("source"),
    "source_delete": page("source", takes=("GET", "HEAD", "POST"), editors=True),
    "job_delete": page("job", takes=("GET", "HEAD", "POST"), editors=True),
    "clip_delete": page("clip", takes=("GET", "HEAD", "POST"), editors=True),
    "deletion_list": part(),
    "deletion_retry": act("errand"),
    "deletion_dismiss": act("errand"),
    "healthz": Route(public=True),
    "job_list": page(),
    "job_count": part(),
    "job_progress": part(),
    "job_detail": page("job"),
    "job_poll": act("job"),
    "job_there": page("video", editors=True),
    "job_outcome": act("job"),
    "job_retry_failed": act(),
    "job_cancel": act("job"),
    "job_retry": act("job"),
    "job_fetch": act("job"),
    "job_loosen": act("job"),
    "order_form": act("source"),
    "order_create": page("source", takes=("GET", "HEAD", "POST"), editors=True),
    "order_estimate": act("source"),
    "preset_create": act("source"),
    "preset_delete": act("preset"),
    "webhook_receive": Route(("POST",), "token", public=True, signed=True),
    "account_list": page(),
    "account_create": page(takes=("GET", "HEAD", "POST"), editors=True, admins=True),
    "account_edit": page("account", takes=("GET", "HEAD", "POST"), editors=True, admins=True),
    "account_check": act("account", admins=True),
    "account_disable": act("account", admins=True),
    "account_delete": page("account", takes=("GET", "HEAD", "POST"), editors=True, admins=True),
    "library_detail": page("store", editors=True, admins=True),
    "library_coming": Route(about="store", editors=True, admins=True),
    "library_add": act("store", admins=True),
    "library_send": act("store", admins=True),
    "library_stop": act("store", admins=True),
    "library_move": act("store", admins=True),
    "library_delete": act("store", admins=True),
    "group_create": act("store", admins=True),
    "group_rename": act("store", admins=True),
    "group_delete": act("store", admins=True),
    # review
    "clip_list": page(),
    "clip_progress": part(),
    "clip_news": part(),
    "favourite": act("clip", editors=False),
    "clip_detail": page("clip"),
    "clip_state": part("clip"),
    "clip_fetch": act("clip"),
    "clip_media": part("clip"),
    "clip_preview": part("clip"),
    "clip_captions": part("clip"),
    "clip_download": part("clip"),
    "rendition_list": part("clip"),
    "rendition_create": act("clip"),
    "rendition_download": part("rendition"),
    # sharing
    "share_link_list": page(),
    "share_link_create": act("clip"),
    "share_link_revoke": act("share_link"),
    "share_page": page("token", public=True),
    "share_media": Route(about="token", public=True),
    "share_poster": Route(about="token", public=True),
    "share_captions": Route(about="token", public=True),
}
MISSING = {"token": "no-such-token", "login_link": "no-such-token", "file": "gone.mp4"}


def patterns(resolver=None) -> Iterator[URLPattern]:
    """Every route of the URL map except the admin site's, which has tests of its own."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield entry
        elif isinstance(entry, URLResolver) and entry.namespace != "admin":
            yield from patterns(entry)


def make_rows(team, user):
    """One row of each kind that an address can be about, with files behind them."""
    words = [[10.5, 11.0, "Hello"], [11.1, 11.6, "there"]]
    source = factories.make_source(team=team, file=factories.make_file("sources/a.mp4"))
    job = factories.make_job(team=team, source=source)
    clip = factories.make_clip(
        team=team,
        job=job,
        words=words,
        transcript="Hello there",
        file=factories.make_file(),
        poster=factories.make_file("posters/a.webp"),
        evidence=[
            {"name": "hook", "label": "Hook", "value": 80, "weight": 0.3, "sentence": "A question"}
        ],
    )
    rendition = Rendition.objects.create(
        clip=clip, aspect="1:1", height=720, state="ready", file=factories.make_file()
    )
    link = factories.make_share_link(clip=clip, created_by=user)
    account = factories.make_account(team=team, base_url="http://127.0.0.1:9")
    store = factories.make_account(team=team, provider="reka", base_url="http://127.0.0.1:9")
    videos = factories.make_account(team=team, provider="scalereach", base_url="http://127.0.0.1:9")
    video = factories.make_remote_job(account=videos, state="succeeded", source=source)
    note(job, "ordered", "Ordered.", by=user)
    Delivery.objects.create(account=account, digest="0" * 64, body=b"{}", verdict="unchecked")
    Download.objects.create(clip=clip, url="https://cdn.example/a.mp4?s=1", state="ready")
    preset = factories.make_preset(team=team)
    ask_for(account, "delete_job", "abc123", title="Interview", by=user)
    copy_of(source, account)
    upload = start_upload(team=team, user=user, file_name="talk.mp4", size=10, metadata={})
    return SimpleNamespace(
        team=team.pk,
        source=source.pk,
        job=job.pk,
        video=video.pk,
        clip=clip.pk,
        rendition=rendition.pk,
        share_link=link.pk,
        account=account.pk,
        store=store.pk,
        preset=preset.pk,
        errand=account.errands.get().pk,
        upload=upload.pk,
        token=link.token,
        login_link=LoginLink.issue(user),
        file=clip.file.name,
    )


def address(name, rows=None) -> str:
    """The route's address about one of these rows, or about what does not exist."""
    about = ROUTES[name].about
    if not about:
        return reverse(name)
    if rows is None:
        return reverse(name, args=[missing(about)])
    found = reverse(name, args=[getattr(rows, about)])
    return found if about != "file" else signed(rows.file)


def missing(about):
    return uuid.uuid4() if about == "upload" else MISSING.get(about, 10**12)


def signed(name):
    from django.core.files.storage import default_storage

    return default_storage.url(name)
