"""Sending an order once more under the key of the first time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from clipboard.clips import tasks
from clipboard.clips.models import Job, sealed
from clipboard.providers.model import Order
from tests import factories

pytestmark = pytest.mark.django_db

GENERATE, LIST = "POST /v2/generate", "GET /v2/generations"
OPTIONS = {"model": "lipsync-2", "sound": "text", "text.voiceId": "v", "text.script": "It was."}
CLIP = "https://clips.example.org/media/clips/a.mp4?e=1&k=old"
OTHER = (409, {"message": "Used with a different request", "errorCode": "IDEMPOTENCY_KEY_MISMATCH"})


@pytest.fixture
def unanswered(service, team, settings):
    """An order at sync.so that was sent, and never answered."""
    settings.PUBLIC_BASE_URL = "https://clips.example.org"
    account = factories.make_account(team=team, provider="sync", base_url=service.url)
    return factories.make_remote_job(
        account=account,
        state=Job.State.OUTCOME_UNKNOWN,
        remote_id="",
        clip=factories.make_clip(team=team, file=factories.make_file("clips/a.mp4")),
        options=OPTIONS,
        idempotency_key="k-1",
        sealed_order=sealed(Order(options=OPTIONS, address=CLIP, idempotency_key="k-1")),
        sent_at=timezone.now() - timedelta(minutes=20),
    )


def listed(service, **more):
    """As sync.so lists it: the clip's address as it was signed then."""
    video = {"type": "video", "url": CLIP}
    said = {"type": "text", "provider": {"voiceId": "v", "script": "It was."}}
    job = {"id": "g-1", "status": "PENDING", "model": "lipsync-2", "input": [video, said]}
    made = {"createdAt": (timezone.now() - timedelta(minutes=20)).isoformat()}
    service.says(LIST, (200, [job | made | more]))


def test_it_is_found_where_its_key_is_refused(service, unanswered):
    service.says(GENERATE, OTHER)
    listed(service)

    tasks.speak_now()

    unanswered.refresh_from_db()
    assert (unanswered.state, unanswered.remote_id) == ("running", "g-1")
    assert len(service.calls(GENERATE)) == 1


def test_it_is_found_where_nobody_knows_what_was_sent(service, unanswered):
    Job.objects.update(sealed_order="")
    listed(service)
    tasks.speak_now()
    unanswered.refresh_from_db()
    assert (unanswered.state, unanswered.remote_id) == ("running", "g-1")
    assert service.calls(GENERATE) == []


def test_a_person_is_asked_where_nobody_tells_when_it_was_made(service, unanswered):
    Job.objects.update(sealed_order="")
    listed(service, createdAt=None)
    tasks.speak_now()
    unanswered.refresh_from_db()
    assert (unanswered.state, unanswered.next_action_at) == ("outcome_unknown", None)
    assert "sync.so lists g-1, which may be this one" in unanswered.error


def test_what_was_sent_is_kept_no_longer_than_it_can_be_of_use(service, unanswered):
    service.says(GENERATE, (400, {"message": "No such voice"}))
    service.says(LIST, (200, []))
    again = factories.make_remote_job(
        account=unanswered.account, state="outcome_unknown", remote_id="", sealed_order="sealed"
    )
    Job.objects.filter(pk=again.pk).update(next_action_at=None)
    tasks.speak_now()
    unanswered.refresh_from_db()
    assert (unanswered.state, unanswered.sealed_order) == ("failed", "")

    again.account.remove()
    again.refresh_from_db()
    assert (again.state, again.sealed_order) == ("failed", "")


def test_it_is_never_sent_under_another_key(service, unanswered):
    service.says(GENERATE, OTHER)
    service.says(LIST, (200, []))

    for _ in range(3):
        Job.objects.update(next_action_at=timezone.now())
        tasks.speak_now()

    keys = {headers["idempotency-key"] for name, _, headers in service.asked if name == GENERATE}
    assert keys == {"k-1"}
    unanswered.refresh_from_db()
    assert (unanswered.state, unanswered.remote_id) == ("outcome_unknown", "")
    assert unanswered.next_action_at > timezone.now() + timedelta(minutes=10)
