"""Where a secret could have come to lie, and whether it did."""

from __future__ import annotations

import base64
from pathlib import Path

from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.urls import reverse
from django_q.models import OrmQ, Schedule, Task

from clipboard.clips.models import Account, Clip, Job, Source
from clipboard.sharing.models import ShareLink
from tests.routes import ROUTES

ELSEWHERE = ("login_link", "media_serve")
LATEST = {"job": (Job, 2), "clip": (Clip, 1)}  # and how many of each provider
LAST = 5  # of a kind: their pages differ by what is in the tables, which are read whole


def forms_of(secret: str) -> list[bytes]:
    """As it is, in hex, and in base64 wherever in a text it may begin."""
    raw = secret.encode()
    middles = [base64.b64encode(b"x" * skip + raw)[4 * (skip > 0) : -4] for skip in range(3)]
    return [raw, raw.hex().encode(), *middles]


def is_in(found: object, secret: str) -> bool:
    raw = found if isinstance(found, bytes) else str(found).encode("utf-8", "replace")
    return any(form.lower() in raw.lower() for form in forms_of(secret))


def tables() -> dict[str, bytes]:
    """Every column of every row, by table; what is pickled there unpacked too."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = b"\n".join(as_bytes(value) for row in cursor for value in row)
    tasks = [(row.func, row.args, row.kwargs, row.result) for row in Task.objects.all()]
    queued = [row.task() for row in OrmQ.objects.all()]
    found["unpacked tasks"] = repr((tasks, queued, list(Schedule.objects.values()))).encode()
    return found


def as_bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def pages(client, *, public: bool = False) -> dict[str, bytes]:
    """What this person is shown at every address about every kind of row, of every provider."""
    found = {}
    for name, route in ROUTES.items():
        if "GET" not in route.takes or (public and not route.public) or name in ELSEWHERE:
            continue
        for pk in subjects(route.about):
            path = reverse(name, args=[pk] if route.about else [])
            response = client.get(path, headers={"Range": "bytes=0-999"})
            found[path] = body_of(response) + repr(response.headers).encode()
    return found


def subjects(about: str) -> list[object]:
    if about == "token":
        return list(ShareLink.objects.values_list("token", flat=True))
    if about == "source":
        return list(Source.objects.values_list("pk", flat=True))
    if about == "account":
        return list(Account.objects.values_list("pk", flat=True))
    if about == "video":
        return list(Job.objects.filter(provider="scalereach").values_list("pk", flat=True)[:1])
    if about in LATEST:
        model, most = LATEST[about]
        rows = model.objects.order_by("-pk").values_list("provider", "pk")
        return [
            pk
            for provider in set(model.objects.values_list("provider", flat=True))
            for _, pk in rows.filter(provider=provider)[:most]
        ]
    return [] if about else [None]


def body_of(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def admin_pages(client) -> dict[str, bytes]:
    found = {}
    for model in admin.site._registry:
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        paths = [reverse(f"admin:{label}_changelist")]
        last = model.objects.order_by("-pk").values_list("pk", flat=True)[:LAST]
        paths += [reverse(f"admin:{label}_change", args=[pk]) for pk in last]
        found |= {path: client.get(path).content for path in paths}
    return found


def files() -> dict[str, bytes]:
    """All that lies below VAR_DIR and where media are kept, but for the database: that is read."""
    folders = [Path(settings.VAR_DIR), Path(settings.MEDIA_ROOT)]
    every = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {str(path): path.read_bytes() for path in every}


def are_filled(*models) -> bool:
    """So that a test can tell that it looked at something."""
    return all(model.objects.exists() for model in models)
