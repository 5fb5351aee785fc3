from __future__ import annotations

from datetime import datetime, time, timedelta

from django import forms
from django.conf import settings
from django.utils import timezone

LONGEST = 3650  # days


class ShareLinkForm(forms.Form):
    """How long a link lives (days, or to the end of a date); whether guests may download."""

    lasts = forms.CharField(max_length=8)
    until = forms.DateField(required=False)
    can_download = forms.BooleanField(required=False)

    def clean_lasts(self) -> str:
        lasts = str(self.cleaned_data["lasts"])
        if lasts != "date" and lasts not in {str(days) for days in durations()}:
            raise forms.ValidationError("Choose how long the link lives.")
        return lasts

    def clean(self) -> None:
        if self.cleaned_data.get("lasts") != "date" or "until" in self.errors:
            return
        until, today = self.cleaned_data.get("until"), timezone.localdate()
        if until is None:
            self.add_error("until", "Choose the last day on which the link works.")
        elif until < today:
            self.add_error("until", "That day is over. Choose today or a later day.")
        elif until > today + timedelta(days=LONGEST):
            self.add_error("until", "That is too far ahead. Choose a day within ten years.")

    def expires_at(self) -> datetime:
        """The end of the chosen day, where the server lives; else so many days from now."""
        if self.cleaned_data["lasts"] != "date":
            return timezone.now() + timedelta(days=int(self.cleaned_data["lasts"]))
        last_moment = datetime.combine(self.cleaned_data["until"], time.max)
        return timezone.make_aware(last_moment)


def durations() -> list[int]:
    """Choices in days, the setting's among them."""
    return sorted({1, 7, 14, 30, 90, settings.SHARE_LINK_DAYS})
