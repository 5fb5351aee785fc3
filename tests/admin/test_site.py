from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from clipboard.clips.models import Heartbeat, Job, Source
from tests import factories
from tests.admin.conftest import signed_in
from tests.standing import editor, rows, standing, team

__all__ = ["editor", "rows", "standing", "team"]
pytestmark = pytest.mark.django_db
MODELS = sorted(model._meta.label_lower for model in admin.site._registry)


def listed(label, view="changelist", *args):
    return reverse(f"admin:{label.replace('.', '_')}_{view}", args=args)


@pytest.fixture
def all_rows(rows):
    """Of heartbeats, too."""
    Heartbeat.objects.create(name="work", beat_at=timezone.now())
    return rows


def test_it_knows_our_models_only():
    assert MODELS == [
        "clips.account",
        "clips.clip",
        "clips.delivery",
        "clips.download",
        "clips.errand",
        "clips.heartbeat",
        "clips.job",
        "clips.jobevent",
        "clips.preset",
        "clips.remotecopy",
        "clips.rendition",
        "clips.source",
        "media.upload",
        "sharing.sharelink",
        "teams.team",
        "teams.user",
    ]


@pytest.mark.parametrize("app", ["django_q", "axes", "sessions"])
def test_the_queue_and_the_sessions_cannot_be_reached(app):
    for model in apps.get_app_config(app).get_models():
        with pytest.raises(NoReverseMatch):
            listed(model._meta.label_lower)


@pytest.mark.parametrize("label", MODELS)
def test_it_lists_searches_and_filters(
    label, owner_client, all_rows, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12) as asked:
        assert owner_client.get(listed(label)).status_code == 200
    long = '"clips_source"."transcript"'
    assert not [one for one in asked.captured_queries if long in one["sql"]]

    assert owner_client.get(listed(label), {"q": "Interview"}).status_code == 200
    for choice in ("state__exact", "status__exact", "state"):
        answer = owner_client.get(listed(label), {choice: "failed"}, follow=True)
        assert answer.status_code == 200


@pytest.mark.parametrize("label", MODELS)
def test_it_opens_each_row(label, owner_client, all_rows):
    row = apps.get_model(label).objects.first()

    assert owner_client.get(listed(label, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("label", MODELS)
def test_it_is_closed_to_members_without_rights(label, editor_client, all_rows):
    assert editor_client.get(listed(label), follow=True).status_code == 404


@pytest.mark.parametrize("label", MODELS)
def test_it_is_closed_to_staff_without_the_right(label, team, all_rows):
    person = factories.make_member(team=team)
    person.is_staff = True
    person.save()

    assert signed_in(person).get(listed(label)).status_code == 403


def test_strangers_sign_in_on_our_page(client, db):
    response = client.get(listed("clips.job"), follow=True)

    assert response.redirect_chain[-1][0].startswith(reverse("login") + "?next=")
    assert "Sign in" in response.content.decode()


def test_an_unknown_address_is_a_404_like_any_other(owner_client):
    response = owner_client.get("/admin/nothing-here/")

    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_it_works_for_staff_without_a_team(owner, owner_client):
    owner.memberships.all().delete()

    assert owner_client.get(reverse("admin:index")).status_code == 200


def test_heartbeats_are_only_read(owner_client, all_rows):
    address = listed("clips.heartbeat", "change", "work")

    assert owner_client.post(address, {"name": "web"}).status_code == 403
    assert owner_client.post(listed("clips.heartbeat", "delete", "work")).status_code == 403


def test_what_machines_write_stays_as_it_is(owner_client, all_rows):
    owner_client.post(
        listed("clips.job", "change", all_rows.job), {"state": "failed", "error": "x"}
    )

    assert Job.objects.get(pk=all_rows.job).state == Job.State.SUCCEEDED


def test_a_new_title_is_all_that_is_written(owner_client, all_rows):
    with CaptureQueriesContext(connection) as queries:
        owner_client.post(listed("clips.source", "change", all_rows.source), {"title": "Other"})

    assert Source.objects.get(pk=all_rows.source).title == "Other"
    (written,) = [one["sql"] for one in queries if one["sql"].startswith('UPDATE "clips_source"')]
    assert "lease_owner" not in written


def test_it_can_be_read_by_staff_with_that_right_alone(team, all_rows):
    person = factories.make_member(team=team)
    person.is_staff = True
    person.save()
    person.user_permissions.add(Permission.objects.get(codename="view_job"))

    page = signed_in(person).get(listed("clips.job"))

    assert page.status_code == 200
    assert 'value="cancel"' not in page.content.decode()
