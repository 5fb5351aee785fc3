"""Hostile answers on their way into rows, and every page that shows these rows."""

from __future__ import annotations

import json
import math
import os
import random
from html.parser import HTMLParser

from django.urls import reverse
from hypothesis import Phase, settings
from hypothesis import strategies as st

from clipboard.clips import follow
from clipboard.clips.models import Clip, Delivery, Download, Job, JobEvent
from clipboard.providers.registry import PROVIDERS
from tests import factories
from tests.providers.dialects import VERBS
from tests.providers.hostile import MARK, assert_sound, fed

SEED = st.integers(0, 2**32)
AT_ONCE = 20
TWO_THOUSAND = settings(max_examples=2_000 // AT_ONCE, deadline=None, phases=[Phase.generate])
POLLED = 60
SHOWN_ALONE = 8


class Reader(HTMLParser):
    """Fails where a text of theirs became an element, an attribute or an address."""

    def handle_starttag(self, tag, attrs):
        assert MARK not in tag
        for name, value in attrs:
            assert MARK not in name, f"<{tag} {name}>"
            assert not name.startswith("on"), f"<{tag} {name}>"
            if name in ("href", "src", "action", "poster") or name.startswith("hx-"):
                said = (value or "").strip().lower()
                assert not said.startswith(("javascript:", "data:text", "file:")), said
                assert said != f"/{MARK}"


def assert_shown(response):
    assert response.status_code == 200, response.request["PATH_INFO"]
    Reader().feed(response.content.decode())


def survive(name, seed):
    """Some of the dialect's verbs, most of them polls, are given hostile answers only."""
    verbs = VERBS[name]
    often = [verb for name, verb in verbs.items() if name.startswith("poll")]
    for each in range(seed, seed + AT_ONCE):
        luck = random.Random(each)
        start, bodies = luck.choice([*verbs.values(), *often, *often])
        assert_sound(fed(PROVIDERS[name], start(), luck, bodies))


def show_all(client, account):
    """Every page with what came of hostile answers, as a member of the team sees it who may also
    use the admin site."""
    luck = same_luck()
    take_in(account, luck)
    assert_fits(account)
    for address in (*pages_of(account, luck), *admin_pages_of(account, luck)):
        assert_shown(client.get(address))


def same_luck():
    """The same in every run, unless HOSTILE_SEED=7 or so asks for another one."""
    return random.Random(os.environ.get("HOSTILE_SEED", "0"))


def take_in(account, luck):
    """Jobs at the account, each of whose polls was answered with something hostile."""
    provider = account.adapter
    polls = [verb for name, verb in VERBS[provider.name].items() if name.startswith("poll")]
    source = factories.make_source(team=account.team, file=factories.make_file("sources/a.mp4"))
    for number in range(POLLED):
        job = factories.make_remote_job(account=account, source=source, remote_id=f"job-{number}")
        for _ in range(luck.choice([1, 1, 2])):  # the second may tell something else altogether
            start, bodies = luck.choice(polls)
            outcome = fed(provider, start(), luck, bodies)
            if outcome is not None:
                follow.take_answer(account, Job.objects.get(pk=job.pk), outcome)
                assert not Job.objects.filter(pk=job.pk, error=follow.OUR_FAULT), (number, outcome)


def assert_fits(account):
    """As a stricter database than SQLite would have it, too."""
    for rows in (
        Job.objects.filter(account=account),
        Clip.objects.filter(job__account=account)[:300],
        Download.objects.filter(clip__job__account=account)[:300],
        JobEvent.objects.filter(job__account=account),
    ):
        for row in rows:
            for field in row._meta.fields:
                assert_value_fits(field, getattr(row, field.attname))


def assert_value_fits(field, value):
    if isinstance(value, str):
        assert "\x00" not in value, field
        assert len(value) <= (field.max_length or 100_000), field
    elif isinstance(value, float):
        assert math.isfinite(value), field
    elif isinstance(value, (dict, list)):
        assert "\\u0000" not in json.dumps(value, allow_nan=False), field


def pages_of(account, luck):
    """For a member: lists, and some jobs and clips by themselves."""
    jobs = Job.objects.filter(account=account)
    clips = Clip.objects.filter(job__account=account)
    yield reverse("clip_list")
    yield reverse("clip_list") + f"?provider={account.provider}&q={MARK}"
    yield reverse("job_list")
    yield reverse("job_list") + f"?before={jobs.order_by('-pk')[29].pk}"
    yield reverse("job_progress") + f"?open={','.join(str(job.pk) for job in jobs[:30])}"
    yield reverse("account_list")
    for job in some(jobs, luck, number=20):
        yield reverse("job_detail", args=[job.pk])
    yield reverse("source_detail", args=[jobs[0].source_id])
    for clip in some(clips, luck):
        yield reverse("clip_detail", args=[clip.pk])


def admin_pages_of(account, luck):
    for kind in (Job, Clip, Download, JobEvent, Delivery):
        name = f"admin:clips_{kind._meta.model_name}"
        yield reverse(f"{name}_changelist")
        for row in some(kind.objects.all(), luck):
            yield reverse(f"{name}_change", args=[row.pk])


def some(rows, luck, number=SHOWN_ALONE):
    """Not those of one job alone."""
    all_of_them = list(rows.order_by("pk"))
    return luck.sample(all_of_them, min(number, len(all_of_them)))
