from __future__ import annotations

import pytest
from django.conf import settings as product

from clipboard.clips.checks import check_queue

MEDIA = product.Q_CLUSTER["ALT_CLUSTERS"]["media"]


def test_the_products_own_numbers_fit():
    assert check_queue() == []


@pytest.mark.parametrize("workers", [1, 2, 64])
def test_they_fit_however_many_workers_there_are(settings, workers):
    media = MEDIA | {"workers": workers, "queue_limit": workers}
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"ALT_CLUSTERS": {"media": media}}

    assert check_queue() == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"retry": 60}, "retry must be more than 510 s"),
        ({"timeout": 59.5}, "whole number"),
        ({"guard_cycle": 0.3}, "guard_cycle"),
        ({"max_attempts": 0}, "max_attempts"),
        ({"ack_failures": False}, "ack_failures"),
        ({"orm": None}, "orm must be the broker"),
    ],
)
def test_it_refuses_numbers_that_lose_or_repeat_work(settings, wrong, told):
    settings.Q_CLUSTER = settings.Q_CLUSTER | wrong

    assert any(told in error.msg for error in check_queue())
