"""A team's account at a provider. What is secret goes in and never comes out again."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.db import IntegrityError, transaction

from clipboard.clips.models import Account
from clipboard.providers.registry import PROVIDERS

LEAST_KEY, MOST_KEY = 8, 500  # it is cut out of every answer, where a short one may be a word
IN_THE_CLEAR = "Write an address that begins with https://; else others could read the key."
TAKEN = "The team has an account of that name at this provider; choose another name."


class SecretField(forms.CharField):
    """What is pasted from elsewhere, often with a line end."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MOST_KEY, **options)

    def clean(self, value: Any) -> str:
        found: str = super().clean(value)
        if not (found.isascii() and found.isprintable()) or " " in found:
            raise forms.ValidationError("It has a space or another odd character; paste it again.")
        return found


class AccountForm(forms.Form):
    name = forms.CharField(max_length=80, error_messages={"required": "Give it a name."})
    key = SecretField(required=False)
    base_url = forms.URLField(
        required=False,
        max_length=300,
        assume_scheme="https",
        error_messages={"invalid": "Write an address that begins with https://."},
    )
    webhook_secret = SecretField(required=False)

    def __init__(self, data: Any = None, *, account: Account) -> None:
        super().__init__(data, initial={"name": account.name, "base_url": account.base_url})
        self.account = account

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = Account.objects.of(self.account.team).exclude(pk=self.account.pk)
        if others.filter(provider=self.account.provider, name=name).exists():
            raise forms.ValidationError(TAKEN)
        return name

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if key and len(key) < LEAST_KEY:
            raise forms.ValidationError(f"A key has {LEAST_KEY} letters at least; paste all of it.")
        if not key and not self.account.sealed_key:
            raise forms.ValidationError("Paste the key that the provider gave you.")
        return key

    def clean_base_url(self) -> str:
        url: str = self.cleaned_data["base_url"].rstrip("/")
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or parts.username or parts.password):
            raise forms.ValidationError("Write an address such as https://api.example.org.")
        if parts.scheme == "http" and not is_trusted(url):
            raise forms.ValidationError(IN_THE_CLEAR)
        if parts.query or parts.fragment:
            raise forms.ValidationError("Leave out what stands behind “?” or “#”.")
        return url if url != self.account.adapter.base_url else ""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        moved = cleaned.get("base_url", self.account.base_url) != self.account.base_url
        if moved and self.account.pk and not cleaned.get("key") and "key" not in self.errors:
            # Else whoever may change the address could have the key sent to a server of theirs.
            self.add_error("key", "Enter the key again: another address would be given it.")
        return cleaned

    def save(self) -> bool:
        """False, with the reason in `errors`, if another took the name meanwhile."""
        account, given, written = self.account, self.cleaned_data, ["name", "base_url"]
        account.name, account.base_url = given["name"], given["base_url"]
        if given["key"]:
            written += account.keep_key(given["key"])
        if given["webhook_secret"]:
            account.keep_webhook_secret(given["webhook_secret"])
            written.append("sealed_webhook_secret")
        try:
            with transaction.atomic():
                # What workers have found out meanwhile stays.
                account.save(update_fields=written if account.pk else None)
                account.wake()
        except IntegrityError:
            self.add_error("name", TAKEN)
            return False
        return True


def is_trusted(url: str) -> bool:
    """Whether whoever runs this place named that host, so that a key may go there unencrypted."""
    from clipboard.providers.guard import Guard  # few processes need it

    try:
        parts = urlsplit(url)
        return Guard.from_settings().is_exempt(parts.hostname or "", parts.port or 80)
    except ValueError:
        return False


def new_account(*, team: Any, provider: str) -> Account:
    """Not saved; its name is the first that is free. Raises KeyError for an unknown provider."""
    adapter = PROVIDERS[provider]
    taken = Account.objects.of(team).filter(provider=provider).values_list("name", flat=True)
    names = ("Main", *(f"Account {number}" for number in range(2, len(taken) + 3)))
    free = next(name for name in names if name not in set(taken))
    return Account(team=team, provider=adapter.name, name=free)
