from __future__ import annotations

from typing import Any

from django import forms

from clipboard.clips.models import Clip

from .sizes import choices


class RenditionForm(forms.Form):
    shape = forms.ChoiceField(
        label="Shape and size",
        error_messages={
            "invalid_choice": "Choose one of the sizes that this recording holds.",
            "required": "Choose a shape and size.",
        },
    )
    captions = forms.BooleanField(label="Captions in the picture", required=False)

    def __init__(self, *args: Any, clip: Clip, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shape = self.fields["shape"]
        assert isinstance(shape, forms.ChoiceField)  # noqa: S101 (for the type checker)
        shape.choices = choices(clip.source)
        self.fields["captions"].initial = clip.wants_captions

    def wanted(self) -> dict[str, Any]:
        """What to render: aspect, height in pixels, captions burned in or not."""
        aspect, _, height = self.cleaned_data["shape"].rpartition("/")
        return {
            "aspect": aspect,
            "height": int(height),
            "captions": self.cleaned_data["captions"],
        }
