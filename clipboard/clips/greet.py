"""Trying an account's key by the cheapest call that proves it."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from clipboard.clips.models import Account
from clipboard.clips.spend import KEY_LOST, SOMEONE_WAITS, take
from clipboard.lib.seal import CannotOpen
from clipboard.providers.errors import ProviderError
from clipboard.providers.speak import carry_out_alone


class Found(NamedTuple):
    passed: bool
    sentence: str


def check_account(account: Account) -> Found:
    """Ask the provider and keep what it said, with the time."""
    found = greet(account)
    account.write_check(found.sentence, passed=found.passed)
    return found


def greet(account: Account) -> Found:
    try:
        connection = account.connection()
        steps = account.adapter.greet()
        pay = partial(take, account)
        said = carry_out_alone(steps, connection, charge=pay, hurry=SOMEONE_WAITS)
        account.keep_told(connection.allowances)
    except CannotOpen:
        return Found(False, KEY_LOST)
    except ProviderError as error:
        return Found(False, error.message)
    return Found(True, said)
