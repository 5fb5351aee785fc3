from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from tests import factories


@pytest.fixture
def owner(team):
    person = factories.make_member(team=team, email="owner@example.org")
    person.is_staff = person.is_superuser = True
    person.save()
    return person


@pytest.fixture
def owner_client(owner):
    return signed_in(owner)


def signed_in(person):
    client = Client()
    factories.sign_in(client, person)
    return client


def staff_who_may(right, *, team):
    person = factories.make_member(team=team)
    person.is_staff = True
    person.save()
    person.user_permissions.add(Permission.objects.get(codename=right))
    return person
