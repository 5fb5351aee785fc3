"""Accounts at providers: for those who manage the team; the others learn whom to ask."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clipboard.clips.forms import AccountForm
from clipboard.clips.forms.account import new_account
from clipboard.clips.greet import check_account
from clipboard.clips.models import Account
from clipboard.clips.tasks import ask_later
from clipboard.clips.usage import today, usage_of
from clipboard.providers.registry import PROVIDERS
from clipboard.teams.access import admins_only


@require_safe
def account_list(request: Any) -> HttpResponse:
    if not request.membership.can_manage:
        asked = {"managers": request.team.managers()}
        return render(request, "clips/account_list_closed.html", asked)
    accounts = accounts_of(request).order_by("provider", "name").prefetch_related("spent")
    return render(request, "clips/account_list.html", telling(list(accounts)))


@sensitive_post_parameters("key", "webhook_secret")
@require_http_methods(["GET", "HEAD", "POST"])
@admins_only
def account_create(request: Any) -> HttpResponse:
    """At the provider named in the address; without one it is asked which."""
    provider = request.GET.get("provider")
    if provider is None:
        return render(request, "clips/account_choose.html", {"providers": by_title()})
    if provider not in PROVIDERS:
        raise Http404
    account = new_account(team=request.team, provider=provider)
    return account_form(request, account, told="is added. Test it now: nothing is spent by that.")


@sensitive_post_parameters("key", "webhook_secret")
@require_http_methods(["GET", "HEAD", "POST"])
@admins_only
def account_edit(request: Any, pk: int) -> HttpResponse:
    return account_form(request, one_of(request, pk), told="is changed.")


@require_POST
@admins_only
def account_check(request: Any, pk: int) -> HttpResponse:
    account = one_of(request, pk)
    found = check_account(account)
    ask_later()
    words = f"{account} works." if found.passed else f"{account} does not work: {found.sentence}"
    return changed(request, pk, words, is_well=found.passed)


@require_POST
@admins_only
def account_disable(request: Any, pk: int) -> HttpResponse:
    """Switch it off, or with `on` on again."""
    account = one_of(request, pk)
    on = "on" in request.POST
    account.switch(on=on)
    ask_later()
    words = "is switched on." if on else "is switched off: nothing is sent or asked with it."
    return changed(request, pk, f"{account} {words}")


@require_http_methods(["GET", "HEAD", "POST"])
@admins_only
def account_delete(request: Any, pk: int) -> HttpResponse:
    """GET asks, POST does it. Jobs and clips stay."""
    account = one_of(request, pk)
    if request.method != "POST":
        lost = {"running": account.jobs.open().count(), "undone": account.deletions_left}
        return render(request, "clips/account_delete.html", {"account": account, **lost})
    account.remove()
    messages.success(request, f"{account} is removed, and its key with it.")
    return redirect("account_list")


def accounts_of(request: Any) -> Any:
    return Account.objects.of(request.team).filter(provider__in=PROVIDERS)


def one_of(request: Any, pk: int) -> Account:
    return get_object_or_404(accounts_of(request), pk=pk)


def account_form(request: Any, account: Account, *, told: str) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    form = AccountForm(sent, account=account)
    if form.is_valid() and form.save():
        ask_later()
        messages.success(request, f"{account} {told}")
        return redirect("account_list")
    context = {"account": account, "adapter": account.adapter, "form": form}
    return render(request, "clips/account_form.html", context, status=422 if sent else 200)


def changed(request: Any, pk: int, words: str, *, is_well: bool = True) -> HttpResponse:
    if not request.htmx:
        (messages.success if is_well else messages.error)(request, words)
        return redirect("account_list")
    account = one_of(request, pk)
    context = telling([account]) | {"account": account}
    return render(request, "clips/_account.html", context)


def telling(accounts: list[Account]) -> dict[str, Any]:
    """What templates need to say how these accounts are."""
    now = timezone.now()
    return {
        "accounts": accounts,
        "usage": {account.pk: usage_of(account, now=now) for account in accounts},
        "today": today(accounts, now=now),
        "now": now,
    }


def by_title() -> list[Any]:
    return sorted(PROVIDERS.values(), key=lambda adapter: adapter.title.lower())
