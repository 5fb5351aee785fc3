"""Settings that would work until they hurt: each is refused at start, with what would do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.checks import CheckMessage, Error, register

from clipboard.lib.addresses import NAMES_OF_LOOPBACK

DANGEROUS_APPS = ("django_q", "axes", "sessions")


def problems() -> Iterator[tuple[str, str, str]]:
    """(id, what is wrong, what to do) of every setting that cannot stay."""
    yield from in_addresses()
    yield from in_folders()
    yield from in_the_database()
    yield from in_the_queue()
    yield from in_the_admin_site()
    yield from in_the_sandbox()


@register()
def check_settings(app_configs: Any, **options: Any) -> list[CheckMessage]:
    return [Error(text, hint=hint, id=f"clipboard.{code}") for code, text, hint in problems()]


def in_addresses() -> Iterator[tuple[str, str, str]]:
    base = urlsplit(settings.PUBLIC_BASE_URL)
    if settings.PUBLIC_BASE_URL and (base.scheme not in ("http", "https") or not base.hostname):
        yield (
            "E001",
            f"PUBLIC_BASE_URL is {settings.PUBLIC_BASE_URL!r}, which is no address.",
            "Write it with its scheme, such as https://clips.example.org.",
        )
    elif settings.HTTPS and base.scheme == "http":
        yield (
            "E002",
            "HTTPS is 1 but PUBLIC_BASE_URL begins with http://.",
            "Write PUBLIC_BASE_URL with https://, or set HTTPS=0.",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield (
            "E003",
            "ALLOWED_HOSTS holds *, so that anybody's host name would be taken for this site's.",
            "List the host names that people use.",
        )


def in_folders() -> Iterator[tuple[str, str, str]]:
    media, static = Path(settings.MEDIA_ROOT).resolve(), Path(settings.STATIC_ROOT).resolve()
    if media.is_relative_to(static) or static.is_relative_to(media):
        yield (
            "E004",
            "Media and static files are in the same folder, so recordings would be public.",
            "Keep MEDIA_ROOT and STATIC_ROOT apart.",
        )
    model = settings.SPEECH_MODEL_DIR
    if model and not (Path(model) / "model.bin").is_file():
        yield (
            "E005",
            f"SPEECH_MODEL_DIR is {model!r}, where no model.bin is.",
            "Name the directory of a Whisper model in CTranslate2 form, or leave it empty.",
        )


def in_the_database() -> Iterator[tuple[str, str, str]]:
    database = settings.DATABASES["default"]
    options = database.get("OPTIONS", {})
    if "sqlite3" in database["ENGINE"] and options.get("transaction_mode") != "IMMEDIATE":
        yield (
            "E006",
            "SQLite runs without IMMEDIATE transactions, so that writers would fail as locked.",
            "Keep the OPTIONS of clipboard/settings.py.",
        )
    if database.get("ATOMIC_REQUESTS"):
        yield (
            "E007",
            "ATOMIC_REQUESTS is on, so that every page would wait for the write lock.",
            "Leave it off.",
        )


def in_the_queue() -> Iterator[tuple[str, str, str]]:
    queue = settings.Q_CLUSTER
    for name, cluster in {"steps": {}, **queue.get("ALT_CLUSTERS", {})}.items():
        own = queue | cluster
        if own["retry"] <= own["timeout"]:
            yield (
                "E008",
                f"The queue {name!r} gives a task out again before it may have ended.",
                "Let retry be longer than timeout.",
            )


def in_the_admin_site() -> Iterator[tuple[str, str, str]]:
    for app in DANGEROUS_APPS:
        for model in apps.get_app_config(app).get_models():
            if admin.site.is_registered(model):
                yield (
                    "E009",
                    f"{model._meta.label} is on the admin site; whoever edits it can run anything.",
                    "Take it off the admin site.",
                )


def in_the_sandbox() -> Iterator[tuple[str, str, str]]:
    """It lets this site ask a port of its own machine, and plays jobs that nobody ordered."""
    names = {settings.HOST, urlsplit(settings.PUBLIC_BASE_URL).hostname or settings.HOST}
    names |= {name.strip("[]") for name in settings.ALLOWED_HOSTS}
    if settings.SANDBOX and (settings.HTTPS or not names <= NAMES_OF_LOOPBACK):
        yield (
            "E010",
            "SANDBOX is 1 on a site that others can reach.",
            "Leave SANDBOX out; it is for trying things out on one machine, without HTTPS.",
        )
    if settings.SANDBOX_SAMPLE and not Path(settings.SANDBOX_SAMPLE).is_file():
        yield (
            "E011",
            f"SANDBOX_SAMPLE is {settings.SANDBOX_SAMPLE!r}, where no file is.",
            "Name a recording on this machine, or leave it empty.",
        )
