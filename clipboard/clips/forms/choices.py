"""A form made of what an adapter declares: typed and checked; what is left empty is not sent."""

from __future__ import annotations

import json
from functools import cache
from math import isfinite
from typing import Any, ClassVar, NamedTuple

from django import forms

from clipboard.providers.options import Option
from clipboard.providers.port import Provider

MOST_TEXT = 10_000
MOST_LINES = 100
MOST_NUMBER = 10**9
MOST_DIGITS = 18
DEEPEST = 20
EMPTY: tuple[Any, ...] = (None, "", [])
YES_NO = (("1", "Yes"), ("0", "No"))


class TextField(forms.CharField):
    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class ListField(TextField):
    """One a line."""

    def __init__(self, option: Option) -> None:
        super().__init__(max_length=MOST_TEXT)
        self.least, self.most = int(option.least or 0), int(option.most or MOST_LINES)

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in super().clean(value).split("\n") if line.strip()]
        if lines and not self.least <= len(lines) <= self.most:
            raise forms.ValidationError(f"Write {max(1, self.least)} to {self.most} lines.")
        return lines


class JsonField(TextField):
    """Only what every database can keep and every page can show."""

    def __init__(self, option: Option) -> None:
        super().__init__(max_length=MOST_TEXT)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            found = json.loads(text, **NUMBERS) if text else None
            plain = json.dumps(found, ensure_ascii=False).encode()
            if depth(found) > DEEPEST:
                raise forms.ValidationError(f"Put at most {DEEPEST} brackets into each other.")
        except (ValueError, RecursionError):
            raise forms.ValidationError("This is no JSON; check its brackets and quotes.") from None
        if b"\\u0000" in plain:
            raise forms.ValidationError("It holds a character that cannot be stored (NUL).")
        return found


def refuse(word: str) -> Any:
    raise ValueError(word)


def whole(digits: str) -> int:
    return int(digits) if len(digits) <= MOST_DIGITS else too_large()


def fraction(digits: str) -> float:
    return found if isfinite(found := float(digits)) else too_large()


def too_large() -> Any:
    raise forms.ValidationError("It holds a number that is too large; write a smaller one.")


NUMBERS: dict[str, Any] = {"parse_constant": refuse, "parse_int": whole, "parse_float": fraction}


def depth(found: Any) -> int:
    """
    >>> depth(1), depth([]), depth({"a": [{}]})
    (0, 1, 3)
    """
    if not isinstance(found, (dict, list)):
        return 0
    inside = found.values() if isinstance(found, dict) else found
    return 1 + max(map(depth, inside), default=0)


def text_field(option: Option) -> forms.Field:
    most = int(option.most or MOST_TEXT)
    words = {"max_length": f"At most {most:,} characters."}
    least = int(option.least) if option.least else None
    return TextField(max_length=most, min_length=least, error_messages=words)


def number_field(option: Option) -> forms.Field:
    least = -MOST_NUMBER if option.least is None else option.least
    most = MOST_NUMBER if option.most is None else option.most
    sentence = bounds(option)
    words = dict.fromkeys(("invalid", "min_value", "max_value"), sentence)
    if option.kind == "whole":
        return forms.IntegerField(min_value=int(least), max_value=int(most), error_messages=words)
    return forms.FloatField(min_value=least, max_value=most, error_messages=words)


def bounds(option: Option) -> str:
    """
    >>> bounds(Option(name="n", label="N", kind="whole", least=1, most=3))
    'Write a whole number from 1 to 3.'
    """
    what = "Write a whole number" if option.kind == "whole" else "Write a number"
    if option.least is not None and option.most is not None:
        return f"{what} from {option.least:g} to {option.most:g}."
    if option.least is not None:
        return f"{what} of at least {option.least:g}."
    return f"{what}." if option.most is None else f"{what} of at most {option.most:g}."


def choice_field(option: Option) -> forms.Field:
    words = {"invalid_choice": "Choose one of these."}
    choices = [("", by_itself(option)), *option.choices]
    return forms.ChoiceField(choices=choices, error_messages=words)


def switch_field(option: Option) -> forms.Field:
    return forms.TypedChoiceField(
        choices=[("", by_itself(option)), *YES_NO],
        coerce=lambda value: value == "1",
        empty_value=None,
        error_messages={"invalid_choice": "Choose yes or no."},
    )


def colour_field(option: Option) -> forms.Field:
    words = {"invalid": "Write a colour such as #FF7E4F."}
    return forms.RegexField(r"^#[0-9A-Fa-f]{6}\Z", error_messages=words)


def by_itself(option: Option) -> str:
    """What an empty choice is called: what the service takes by itself, where that is known.

    >>> by_itself(Option(name="s", label="S", kind="switch", default=True))
    'Default: yes'
    """
    if option.is_required and option.default is None:
        return "Choose …"
    if option.default is None:
        return "Default"
    if option.kind == "switch":
        return f"Default: {'yes' if option.default else 'no'}"
    return f"Default: {dict(option.choices).get(str(option.default), option.default)}"


FIELDS = {
    "text": text_field,
    "long_text": text_field,
    "whole": number_field,
    "number": number_field,
    "choice": choice_field,
    "switch": switch_field,
    "colour": colour_field,
    "list": ListField,
    "json": JsonField,
}


class Group(NamedTuple):
    """Options that belong together. `is_open`: something in it is chosen, needed or wrong;
    `needed_with` are the "field=value" that make something in it needed."""

    name: str
    fields: list[tuple[Option, Any]]
    is_open: bool
    needed_with: list[str]


class ChoicesForm(forms.Form):
    adapter: ClassVar[Provider]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for option in self.adapter.options:
            if self.is_missing(option, cleaned):
                self.add_error(option.name, "This is needed.")
        if not self.errors:
            for name, words in self.adapter.wrong_with(given_in(cleaned)).items():
                self.add_error(name, words)
        return cleaned

    def is_missing(self, option: Option, cleaned: dict[str, Any]) -> bool:
        if cleaned.get(option.name) not in EMPTY or option.name in self.errors:
            return False
        return is_needed(option, cleaned)

    def options(self) -> dict[str, Any]:
        """What is to be sent: what was left empty is left to the service."""
        return given_in(self.cleaned_data)

    def groups(self) -> list[Group]:
        """In the adapter's order; the first may have no name."""
        found: dict[str, list[tuple[Option, Any]]] = {}
        for option in self.adapter.options:
            found.setdefault(option.group, []).append((option, self[option.name]))
        return [self.group(name, fields) for name, fields in found.items()]

    def group(self, name: str, fields: list[tuple[Option, Any]]) -> Group:
        typed = {option.name: self[option.name].value() for option in self.adapter.options}
        is_open = any(
            field.value() or field.errors or (option.default is None and is_needed(option, typed))
            for option, field in fields
        )
        conditions = [option.needed_when for option, _ in fields if option.needed_when]
        needed_with = {f"{self.add_prefix(other)}={value}" for other, value in conditions}
        return Group(name, fields, is_open, sorted(needed_with))


def given_in(cleaned: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in cleaned.items() if value not in EMPTY}


def is_needed(option: Option, given: dict[str, Any]) -> bool:
    """Whether it must be given beside what else is."""
    if option.is_required or option.needed_when is None:
        return option.is_required
    other, value = option.needed_when
    return bool(given.get(other) == value)


@cache
def choices_form(adapter: Provider) -> type[ChoicesForm]:
    fields: dict[str, Any] = {}
    for option in adapter.options:
        fields[option.name] = FIELDS[option.kind](option)
        fields[option.name].required = False  # asked for in `clean`, in our words
    return type(f"{adapter.name.title()}Form", (ChoicesForm,), {"adapter": adapter, **fields})


def written(adapter: Provider, options: dict[str, Any]) -> dict[str, str]:
    """Stored options as the fields show them."""
    known = {option.name: option.kind for option in adapter.options}
    return {name: shown(known[name], value) for name, value in options.items() if name in known}


def shown(kind: str, value: Any) -> str:
    """
    >>> shown("switch", True), shown("list", ["a", "b"]), shown("json", {"a": 1})
    ('1', 'a\\nb', '{"a": 1}')
    """
    if kind == "switch":
        return "1" if value else "0"
    if kind == "list" and isinstance(value, list):
        return "\n".join(str(line) for line in value)
    return json.dumps(value) if kind == "json" else str(value)
