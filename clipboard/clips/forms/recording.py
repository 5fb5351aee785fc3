"""What people ask for: a recording from elsewhere, and clips of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms

from clipboard.clips.models import NO_USE, UNUSABLE, Source
from clipboard.clips.options import ASPECTS, LENGTHS, MOST_CLIPS, chosen, read_timecode


class TimecodeField(forms.Field):
    """Seconds; nothing stands for the recording's own beginning or end."""

    def to_python(self, value: Any) -> float | None:
        try:
            return read_timecode(value or "")
        except ValueError as error:
            raise forms.ValidationError("Write a time such as 1:30 or 90.") from error


class OptionsForm(forms.Form):
    count = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_CLIPS,
        error_messages={
            "invalid": f"Write a number from 1 to {MOST_CLIPS}.",
            "min_value": f"Write a number from 1 to {MOST_CLIPS}.",
            "max_value": f"Write a number from 1 to {MOST_CLIPS}.",
        },
    )
    length = forms.ChoiceField(
        required=False, choices=[(name, words) for name, (words, *_) in LENGTHS.items()]
    )
    start = TimecodeField(required=False)
    end = TimecodeField(required=False)
    aspect = forms.ChoiceField(required=False, choices=list(ASPECTS.items()))
    captions = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        start, end = cleaned.get("start"), cleaned.get("end")
        if start is not None and end is not None and start >= end:
            self.add_error("end", "The end must lie behind the beginning.")
        return cleaned

    def options(self) -> dict[str, Any]:
        """A job's options."""
        names = ("count", "length", "start", "end", "aspect", "captions")
        return chosen(**{name: self.cleaned_data[name] for name in names})


class SourceForm(OptionsForm):
    """One form for everything that comes in by the browser: files without JavaScript, or a link."""

    url = forms.URLField(
        required=False,
        max_length=2000,
        assume_scheme="https",
        error_messages={"invalid": "Write a link that begins with https:// and leads to a file."},
    )

    def __init__(self, *args: Any, has_file: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_file = has_file

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if url and not url.lower().startswith(("http://", "https://")):
            raise forms.ValidationError("Write a link that begins with https://.")
        if "@" in urlsplit(url).netloc:
            raise forms.ValidationError("Leave out what stands before “@”: the team would see it.")
        return url

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.has_file and not self.errors and not cleaned.get("url"):
            self.add_error("url", "Choose a file or paste a link to one.")
        return cleaned


class JobForm(OptionsForm):
    """Clips of a source that is here: times must lie inside it."""

    def __init__(self, *args: Any, source: Source, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source = source

    def clean_start(self) -> float | None:
        start: float | None = self.cleaned_data["start"]
        if start is not None and self.source.duration and start >= self.source.duration:
            raise forms.ValidationError("The recording is over by then.")
        return start

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.source.state in UNUSABLE:
            self.add_error(None, NO_USE)
        return cleaned


class TitleForm(forms.Form):
    title = forms.CharField(max_length=255, error_messages={"required": "Give it a name."})
