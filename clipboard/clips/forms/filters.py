"""A form made of the filters by which a provider lists a job's clips."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

from django import forms

from clipboard.providers.options import Option
from clipboard.providers.port import Provider

from .choices import FIELDS, given_in


class FiltersForm(forms.Form):
    adapter: ClassVar[Provider]

    def pairs(self) -> list[tuple[Option, Any]]:
        return [(option, self[option.name]) for option in self.adapter.clip_filters]

    def filters(self) -> dict[str, Any]:
        return given_in(self.cleaned_data)


@cache
def filters_form(adapter: Provider) -> type[FiltersForm]:
    fields = {option.name: field_of(option) for option in adapter.clip_filters}
    return type(f"{adapter.name.title()}Filters", (FiltersForm,), {"adapter": adapter, **fields})


def field_of(option: Option) -> forms.Field:
    field: Any = FIELDS[option.kind](option)
    field.required = False
    if option.kind in ("choice", "switch") and option.default is None:
        field.choices = [("", "Any"), *list(field.choices)[1:]]
    return field
