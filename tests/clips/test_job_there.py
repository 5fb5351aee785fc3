"""What a provider lists of a job now, by its own filters."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests import factories
from tests.clips.at_sandbox import SCALEREACH_KEY, fault

pytestmark = pytest.mark.django_db


def asked(client, job, **filters):
    answer = client.get(reverse("job_there", args=[job.pk]), {"asked": "1"} | filters)
    return answer.status_code, answer.content.decode()


def shown(page, job):
    """Our clips that the page leads to, in its order."""
    places = {
        page.find(f'"{reverse("clip_detail", args=[clip.pk])}"'): clip for clip in job.clips.all()
    }
    return [places[place].score for place in sorted(places) if place >= 0]


def test_it_lists_what_passes_the_providers_own_filters(editor_client, video):
    scores = shown(asked(editor_client, video)[1], video)
    assert len(scores) == video.clips.count() == 3
    assert scores == sorted(scores, reverse=True)
    found = asked(editor_client, video, minScore="80", sortBy="score", sortOrder="asc")[1]
    assert shown(found, video) == [81, 92]
    assert "2 clips" in found
    none = asked(editor_client, video, favorited="1")[1]
    assert (shown(none, video), "ScaleReach lists no such clips" in none) == ([], True)


def test_the_jobs_page_leads_to_it_and_nothing_is_asked_before_one_says_so(
    editor_client, sandbox, video
):
    address = reverse("job_there", args=[video.pk])
    assert address in editor_client.get(reverse("job_detail", args=[video.pk])).content.decode()
    broken = {"status": 503}
    fault(sandbox, broken, matches="GET /api/videos", provider="scalereach", key=SCALEREACH_KEY)
    assert "The service has a fault" not in editor_client.get(address).content.decode()
    status, page = asked(editor_client, video, minScore="200")
    assert (status, "Write a number from 0 to 100." in page) == (422, True)

    assert "The service has a fault" in asked(editor_client, video)[1]
    assert len(shown(asked(editor_client, video)[1], video)) == 3


def test_a_provider_without_such_filters_has_no_such_page(editor_client, team):
    job = factories.make_remote_job(account=factories.make_account(team=team))
    address = reverse("job_there", args=[job.pk])
    assert editor_client.get(address).status_code == 404
    assert address not in editor_client.get(reverse("job_detail", args=[job.pk])).content.decode()
