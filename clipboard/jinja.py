"""The template environment: what every page may use."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.templatetags.static import static
from django.urls import reverse
from django.utils.timezone import localtime
from django_htmx.jinja import htmx_script
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from clipboard.lib import wording
from clipboard.sharing.forms import durations
from clipboard.teams.links import base_url


def environment(**options: Any) -> Environment:
    options["undefined"] = StrictUndefined
    options.setdefault("trim_blocks", True)
    options.setdefault("lstrip_blocks", True)
    env = Environment(**options)  # noqa: S701 (Django passes autoescape=True)
    env.globals.update(
        url=url,
        static=static,
        icon=icon,
        htmx_script=htmx_script,
        get_messages=get_messages,
        settings=settings,
        base_url=base_url,
        share_durations=durations,
    )
    env.filters.update(
        timecode=wording.timecode,
        seconds=wording.seconds,
        file_size=wording.file_size,
        ago=wording.ago,
        until=wording.until,
        day=local_day,
        day_of=local_day_of,
        percent=wording.percent,
        plural=wording.plural,
        count=wording.count,
    )
    return env


def url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args, kwargs=kwargs)


def local_day(moment: datetime) -> str:
    """The date, where the server lives."""
    return wording.day(localtime(moment))


def local_day_of(moment: datetime) -> str:
    return wording.day_of(localtime(moment), localtime())


def icon(name: str) -> Markup:
    """One symbol of static/img/icons.svg; decorative, the words beside it carry the meaning."""
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>').format(
        static("img/icons.svg"), name
    )
