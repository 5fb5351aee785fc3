from __future__ import annotations

import pytest
from hypothesis import given

from tests.providers.shown import SEED, TWO_THOUSAND, show_all, survive

NAME = "reka"


@TWO_THOUSAND
@given(seed=SEED)
def test_it_survives_whatever_the_service_may_send(seed):
    survive(NAME, seed)


@pytest.mark.django_db
def test_every_page_shows_what_came_of_it(account_of, owner_client):
    show_all(owner_client, account_of(NAME))
