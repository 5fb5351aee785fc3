"""Rows with sound defaults; a test names only what it is about."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.crypto import get_random_string

from clipboard.clips.models import Account, Clip, Job, Preset, Source
from clipboard.sharing.models import ShareLink
from clipboard.teams.models import Membership, Team, User
from clipboard.teams.sessions import SessionStore

numbers = count(1)


def make_team(*, name="North"):
    return Team.objects.create(name=name)


def make_user(*, email=None, **fields):
    return User.objects.create_user(email or f"person{next(numbers)}@example.org", **fields)


def make_member(*, team, email=None, role=Membership.Role.EDITOR):
    user = make_user(email=email)
    Membership.objects.create(team=team, user=user, role=role)
    return user


def sign_in(client, person):
    """What signing in leads to, without what happens then, which takes longer than most tests."""
    held = {
        SESSION_KEY: str(person.pk),
        BACKEND_SESSION_KEY: "clipboard.teams.backend.MemberBackend",
        HASH_SESSION_KEY: person.get_session_auth_hash(),
    }
    session = Session.objects.create(
        session_key=get_random_string(32),
        session_data=SessionStore().encode(held),
        expire_date=timezone.now() + timedelta(days=30),
    )
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key


def make_source(*, team, title="Interview", state=Source.State.READY, duration=120.0, **fields):
    defaults = {"origin": "upload", "width": 1280, "height": 720, "content_type": "video/mp4"}
    return Source.objects.create(
        team=team, title=title, state=state, duration=duration, **defaults | fields
    )


def make_job(*, team, source=None, state=Job.State.SUCCEEDED, **fields):
    source = source or make_source(team=team)
    return Job.objects.create(team=team, source=source, state=state, **fields)


def make_account(*, team, provider="reelbot", name="Main", key="rb_live_canary-0123456789", **more):
    account = Account(team=team, provider=provider, name=name, **more)
    account.keep_key(key)
    account.save()
    return account


def make_preset(*, team, provider="reelbot", name="Short", **fields):
    return Preset.objects.create(team=team, provider=provider, name=name, **fields)


def make_remote_job(*, account, state=Job.State.RUNNING, remote_id="abc123", **fields):
    """A job at a provider that is due now."""
    fields.setdefault("next_action_at", timezone.now())
    fields.setdefault("sent_at", timezone.now())
    return make_job(
        team=account.team,
        account=account,
        provider=account.provider,
        state=state,
        remote_id=remote_id,
        **fields,
    )


def make_clip(*, team, job=None, score=80.0, start=10.0, end=30.0, title="A turn", **fields):
    job = job or make_job(team=team)
    fields.setdefault("status", Clip.Status.COMPLETED)
    fields.setdefault("remote_id", f"c{next(numbers)}")
    fields.setdefault("duration", None if start is None else end - start)
    fields.setdefault("created_at", timezone.now())
    return Clip.objects.create(
        team=team,
        source=job.source,
        job=job,
        provider=job.provider,
        score=score,
        start=start,
        end=end,
        title=title,
        **fields,
    )


def make_file(name="clips/a.mp4", content=b"0123456789" * 100):
    """A stored file; returns its name."""
    return default_storage.save(name, ContentFile(content))


def make_share_link(*, clip, **fields):
    return ShareLink.objects.create(team=clip.team, clip=clip, **fields)
