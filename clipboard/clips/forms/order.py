"""One order for one or several accounts: a form for each, and what to know before sending."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db import transaction
from django.http import QueryDict

from clipboard.clips.models import Account, Clip, Job, Preset, Source
from clipboard.clips.order import (
    Sent,
    mark_of,
    may_choose_upload,
    offered,
    ordered_before,
    place,
    price,
    what_is_sent,
)

from .choices import ChoicesForm, choices_form, written

MOST_NAME = 80


class Line:
    """What one account is asked for."""

    def __init__(self, sheet: Sheet, account: Account) -> None:
        self.sheet, self.account, self.adapter = sheet, account, account.adapter
        self.price, self.preset_error = "", ""
        self.form = self.checked() if sheet.is_checked else self.unchecked()

    def __str__(self) -> str:
        return str(self.account)

    @property
    def prefix(self) -> str:
        return f"account-{self.account.pk}"

    def given(self, name: str) -> str:
        """What came along for this account beside the options."""
        return str(self.sheet.data.get(f"{name}-{self.account.pk}", ""))

    def checked(self) -> ChoicesForm:
        return choices_form(self.adapter)(self.sheet.data, prefix=self.prefix)

    def unchecked(self) -> ChoicesForm:
        """As typed so far; or as a preset has it, where one was just chosen."""
        if self.preset and self.sheet.data.get("load") == str(self.account.pk):
            values = written(self.adapter, self.preset.options)
        else:
            names = [option.name for option in self.adapter.options]
            values = {name: self.sheet.data.get(f"{self.prefix}-{name}", "") for name in names}
        return choices_form(self.adapter)(initial=values, prefix=self.prefix)

    @cached_property
    def presets(self) -> list[Preset]:
        saved = Preset.objects.filter(team=self.account.team_id, provider=self.account.provider)
        return list(saved.order_by("name"))

    @cached_property
    def preset(self) -> Preset | None:
        """The saved choices that the form names, or that were just saved."""
        return next((one for one in self.presets if str(one.pk) == self.given("preset")), None)

    @cached_property
    def sent(self) -> Sent:
        sheet, by_upload = self.sheet, self.wants_upload
        return what_is_sent(self.account, sheet.source, sheet.clip, wants_upload=by_upload)

    @cached_property
    def may_upload(self) -> bool:
        return may_choose_upload(self.account, self.sheet.source, self.sheet.clip)

    @property
    def wants_upload(self) -> bool:
        return self.may_upload and self.given("way") == "upload"

    @cached_property
    def options(self) -> dict[str, Any] | None:
        return self.form.options() if self.form.is_bound and self.form.is_valid() else None

    @cached_property
    def before(self) -> Job | None:
        if self.options is None:
            return None
        return ordered_before(self.account, self.sheet.source, self.sheet.clip, self.options)

    @property
    def mark(self) -> str:
        return mark_of(self.options or {}, self.before) if self.before else ""

    @property
    def may_go(self) -> bool:
        """Right, possible, and not what was ordered before unless that is meant."""
        if self.options is None or self.sent.problem:
            return False
        return self.before is None or self.given("again") == self.mark

    def ask_price(self) -> None:
        if self.options is not None and not self.sent.problem:
            self.price = price(self.account, self.sheet.source, self.sheet.clip, self.options)

    def save_preset(self) -> bool:
        """Under the name that was given; one of that name is replaced."""
        name = self.given("preset-name").replace("\x00", "").strip()[:MOST_NAME]
        if not name:
            self.preset_error = "Give these choices a name."
        if not name or self.options is None:
            return False
        self.preset, _ = Preset.objects.update_or_create(
            team_id=self.account.team_id,
            provider=self.account.provider,
            name=name,
            defaults={"options": self.options},
        )
        self.__dict__.pop("presets", None)
        return True


def as_ordered(job: Job) -> QueryDict:
    """The form as it was sent for this job: to its account, or another of the same provider where
    that cannot be asked any more; to none where there is none."""
    data = QueryDict(mutable=True)
    accounts = [one for one in offered(job.team_id, clip=job.clip) if not one.trouble]
    fitting = [one for one in accounts if one.provider == job.provider]
    fitting.sort(key=lambda one: one.pk != job.account_id)
    for account in fitting[:1]:
        data["account"] = str(account.pk)
        for name, value in written(account.adapter, job.options).items():
            data[f"account-{account.pk}-{name}"] = value
        if job.wants_upload:
            data[f"way-{account.pk}"] = "upload"
    return data


class Sheet:
    """`data` is the form as it came; `is_checked` has it judged, not only shown again."""

    def __init__(
        self,
        source: Source,
        *,
        clip: Clip | None = None,
        data: QueryDict | None = None,
        is_checked: bool = False,
    ) -> None:
        self.source, self.clip, self.is_checked = source, clip, is_checked
        self.data = QueryDict() if data is None else data
        self.accounts = offered(source.team_id, clip=clip)
        self.lines = [Line(self, account) for account in self.accounts if self.has(account)]
        self.error = ""

    def has(self, account: Account) -> bool:
        return str(account.pk) in self.data.getlist("account") and not account.trouble

    def line_of(self, pk: str | None) -> Line | None:
        return next((line for line in self.lines if str(line.account.pk) == pk), None)

    @property
    def repeats(self) -> bool:
        return any(line.before for line in self.lines)

    @property
    def blocked(self) -> bool:
        return any(line.sent.problem for line in self.lines)

    @transaction.atomic
    def place(self, *, user: Any) -> list[Job]:
        """All of it or nothing: an empty list says that something is to be put right first.

        Of two who send the same at once, the second finds what the first has ordered.
        """
        Source.objects.select_for_update().filter(pk=self.source.pk).first()
        if not self.lines:
            self.error = "Choose whom to ask."
        if not self.lines or not all(line.may_go for line in self.lines):
            return []
        return [
            place(
                line.account,
                self.source,
                self.clip,
                line.options or {},
                user=user,
                wants_upload=line.wants_upload,
            )
            for line in self.lines
        ]
