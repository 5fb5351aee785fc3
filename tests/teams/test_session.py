"""What a session is worth, and what ends it at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from clipboard.teams.models import Membership, User
from tests import factories

pytestmark = pytest.mark.django_db


def is_signed_in(client):
    return client.get(reverse("source_list")).status_code == 200


def test_it_ends_when_its_row_is_gone(editor_client):
    assert is_signed_in(editor_client)

    Session.objects.all().delete()

    assert not is_signed_in(editor_client)


def test_it_runs_out(editor_client):
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=1))
    assert is_signed_in(editor_client)

    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert not is_signed_in(editor_client)


def test_it_ends_when_the_password_changes(editor_client, editor):
    assert is_signed_in(editor_client)

    editor.set_password("another long password")
    editor.save()

    assert not is_signed_in(editor_client)


def test_it_ends_when_the_person_is_deactivated_and_when_deleted(editor_client, editor):
    User.objects.update(is_active=False)
    assert not is_signed_in(editor_client)

    User.objects.update(is_active=True)
    assert is_signed_in(editor_client)

    editor.delete()
    assert not is_signed_in(editor_client)


def test_it_cannot_be_written_by_who_does_not_know_the_key(editor_client, settings):
    settings.SECRET_KEY = "another key than the one that signed it, and as long as that"

    assert not is_signed_in(editor_client)


@pytest.mark.parametrize("key", ["", "short", "no-such-session-key-at-all", "'; --", "a" * 500])
def test_a_made_up_one_is_none(key, client, editor):
    client.cookies["sessionid"] = key

    assert not is_signed_in(client)


def test_it_knows_the_person_as_the_database_does(editor):
    other = factories.make_team(name="West")
    Membership.objects.create(team=other, user=editor, role=Membership.Role.VIEWER)

    person, same = User.objects.with_teams(editor.pk), User.objects.get(pk=editor.pk)

    for field in User._meta.concrete_fields:
        assert getattr(person, field.attname) == getattr(same, field.attname), field
    assert person.is_active is True
    assert [(m.pk, m.team.name, m.role, m.can_edit) for m in person.joined] == [
        (m.pk, m.team.name, m.role, m.can_edit) for m in same.joined
    ]
    assert person.joined[0].user is person
    assert person.joined[0].joined_at == same.joined[0].joined_at


def test_it_knows_people_without_a_team(editor):
    editor.memberships.all().delete()

    assert User.objects.with_teams(editor.pk).joined == []
    assert User.objects.with_teams(editor.pk + 1) is None
