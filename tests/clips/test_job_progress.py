from __future__ import annotations

import pytest
from django.urls import reverse

from clipboard.clips.models import Job
from tests import factories

pytestmark = pytest.mark.django_db


def progress(client, **parameters):
    return client.get(reverse("job_progress"), parameters).content.decode()


def test_it_brings_the_open_ones_up_to_date_in_one_answer(editor_client, team):
    jobs = [factories.make_job(team=team, state=Job.State.RUNNING) for _ in range(2)]

    answer = progress(editor_client, open=f"{jobs[0].pk},{jobs[1].pk}", newest=jobs[1].pk)

    assert answer.count('hx-swap-oob="true"') == 2
    assert "every 2s" in answer


def test_it_asks_less_often_once_all_have_ended(editor_client, team):
    job = factories.make_job(team=team)

    answer = progress(editor_client, open=job.pk, newest=job.pk)

    assert "every 2s" not in answer
    assert f'id="job-{job.pk}"' in answer


def test_it_shows_new_jobs_by_themselves(editor_client, team):
    old, new = (factories.make_job(team=team) for _ in range(2))

    response = editor_client.get(reverse("job_progress"), {"open": "", "newest": old.pk})

    assert response["HX-Retarget"] == "#job-list"
    assert f'id="job-{new.pk}"' in response.content.decode()


@pytest.mark.parametrize("text", ["x", "-1", "9" * 40, "1,,2", "²", "\u0661"])
def test_it_survives_odd_addresses(editor_client, text):
    asked = {"open": text, "newest": text, "before": text}

    assert editor_client.get(reverse("job_progress"), asked).status_code == 200
    assert editor_client.get(reverse("job_list"), asked).status_code == 200


def test_it_shows_nothing_of_another_team(editor_client):
    other = factories.make_job(team=factories.make_team())

    assert f'id="job-{other.pk}"' not in progress(editor_client, open=other.pk, newest=other.pk)
