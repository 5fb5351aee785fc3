from __future__ import annotations

import pytest
from django.test import Client

from tests import factories
from tests.media.tus import Tus


@pytest.fixture
def tus(editor_client):
    return Tus(editor_client)


@pytest.fixture
def elsewhere(team):
    """Someone else of the same team."""
    other = Client()
    factories.sign_in(other, factories.make_member(team=team))
    return Tus(other)
