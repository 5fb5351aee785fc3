"""What a person writes about a provider's own store of recordings."""

from __future__ import annotations

from django import forms

MOST_NAME = 100


class AddForm(forms.Form):
    url = forms.URLField(
        max_length=2000,
        assume_scheme="https",
        error_messages={
            "required": "Paste the link to a file.",
            "invalid": "Write a link that begins with https:// and leads to a file.",
        },
    )
    title = forms.CharField(required=False, max_length=MOST_NAME)
    index = forms.BooleanField(required=False)
    thumbnails = forms.BooleanField(required=False)
    recorded_at = forms.DateTimeField(
        required=False, error_messages={"invalid": "Write a day and a time: 2025-04-12 19:05."}
    )

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if not url.lower().startswith(("http://", "https://")):
            raise forms.ValidationError("Write a link that begins with https://.")
        return url


class GroupForm(forms.Form):
    name = forms.CharField(
        max_length=MOST_NAME,
        error_messages={
            "required": "Give the group a name.",
            "max_length": f"A name has at most {MOST_NAME} letters.",
        },
    )
