from __future__ import annotations

import doctest
import pickle
from datetime import UTC, datetime

import pytest

from clipboard.providers import errors
from clipboard.providers.errors import (
    ProviderError,
    error_for_status,
    retry_after_seconds,
    unsure,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        (" 30 ", 30),
        ("Sun, 01 Mar 2026 12:01:30 GMT", 90),
        ("Sun, 01 Mar 2026 12:01:30", 90),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        (None, None),
        ("", None),
        ("-1", None),
        ("1e3", None),
        ("9" * 5000, None),
        ("315360000", 86_400),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400),
        ("soon", None),
        ("٣", None),
        ("Sun, 99 Mar 2026 12:01:30 GMT", None),
        ("Sun, 01 Mar 99999 12:01:30 GMT", None),
        ("Sun, 01 Mar 2026 12:01:30 +9999", None),
    ],
)
def test_it_understands_when_to_come_back(header, seconds):
    assert retry_after_seconds(header, now=NOW) == seconds


def test_it_has_a_sentence_for_every_kind():
    for status in (*range(100, 200), *range(201, 600), 999):
        fault = error_for_status(status)
        assert str(fault).endswith(".")
        assert fault.code == str(status)


def test_it_survives_being_carried_between_processes():
    fault = ProviderError("rate", "Slow down.", code="429", retry_after=5)
    copy = pickle.loads(pickle.dumps(fault))
    assert vars(copy) == vars(fault)
    assert str(copy) == "Slow down."


def test_its_examples_are_true():
    assert doctest.testmod(errors).failed == 0


def test_it_never_takes_a_fault_during_a_submission_for_a_refusal():
    told = unsure(error_for_status(502))
    assert (told.kind, told.code, told.retryable) == ("unknown", "502", False)
    refused = error_for_status(402)
    assert unsure(refused) is refused
