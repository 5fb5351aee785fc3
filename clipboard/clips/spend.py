"""What a call takes from its account's budgets, and what an error means for the whole account."""

from __future__ import annotations

from django.utils import timezone

from clipboard.clips.models import Account, take_from_budget, wait_for_budget
from clipboard.providers.errors import ProviderError
from clipboard.providers.port import Call

TRIES, LONGEST_PAUSE = 8, 900.0  # of what surely did not arrive: forty minutes in all
OWN_BUDGET = "own_budget"  # we did not even ask
SOMEONE_WAITS = 12.0  # seconds at most for an answer while a page is loading
LEAST_WAIT = 5.0  # seconds, also where a service that is asked too often says 0
MOST_WAIT = 3600.0  # whatever it says: then it is asked once more


def charge(account: Account, call: Call) -> None:
    """Take the call from its budget, unless the service has told us to leave it alone. Raises
    ProviderError("rate"), and nothing was sent."""
    if wait := account.rests_for:
        words = SLOW_DOWN.format(account.title)
        raise ProviderError("rate", words, code=OWN_BUDGET, retry_after=wait)
    take(account, call)


def take(account: Account, call: Call) -> None:
    """Raises ProviderError("rate") where nothing is left of its budget."""
    budget = next((one for one in account.adapter.budgets if one.name == call.budget), None)
    if budget is None:
        return
    now = timezone.now()
    if not take_from_budget(account, budget, calls=1, now=now):
        until = account.spent.values_list("paused_until", flat=True).get(budget=budget.name)
        rest = (until - now).total_seconds() if until else 0
        used_up = f"The account's limit of {budget.calls} is used up for now."
        raise ProviderError(
            "rate",
            SLOW_DOWN.format(account.title) if rest > 0 else used_up,
            code=OWN_BUDGET,
            retry_after=max(rest, wait_for_budget(budget, now=now)),
        )


def heed(account: Account, error: ProviderError) -> float:
    """What an error means for the whole account; seconds for which to leave it alone, or the budget
    that the call was taken from."""
    if error.kind in ("auth", "payment"):
        account.report_trouble(error.message)
    if error.kind != "rate":
        return error.retry_after or 0
    if error.code == OWN_BUDGET:
        return error.retry_after or LEAST_WAIT
    told = 60 if error.retry_after is None else error.retry_after
    wait = min(MOST_WAIT, max(LEAST_WAIT, told))
    account.pause(seconds=wait, budget=error.budget)
    return wait


def pause_after(attempts: int) -> float:
    """Seconds.

    >>> [pause_after(attempts) for attempts in range(1, TRIES)]
    [5.0, 15.0, 45.0, 135.0, 405.0, 900.0, 900.0]
    """
    return min(LONGEST_PAUSE, 5.0 * 3 ** (attempts - 1))


def why_not(account: Account | None) -> str:
    if account is None:
        return "The account that this was ordered with is gone; choose another and run it again."
    return account.trouble or f"The account {account} is switched off."


SLOW_DOWN = "{} has told us to slow down."
KEY_LOST = "The account's key cannot be opened with PROVIDER_SECRETS; enter the key again."
