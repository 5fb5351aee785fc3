from __future__ import annotations

import pytest

from tests.faults.round import firsts, hold


@pytest.mark.parametrize("first", firsts())
def test_nothing_is_lost_or_paid_twice_whatever_happens(stage, first):
    hold(stage, "sync", first)
