"""What can be chosen when a job is submitted: declared by the adapter, made into a form by us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from clipboard.providers.reading import number

Kind = Literal["text", "long_text", "whole", "number", "choice", "switch", "colour", "list", "json"]


@dataclass(frozen=True, kw_only=True)
class Option:
    """One thing to choose. Left empty it is not sent, and the service's own default holds.

    `name` may hold dots for what is nested in the request ("caption_style.position"). `default`
    is what the service takes by itself, for display. `least` and `most` bound a number, or the
    length of a text (characters) or of a list (lines). `unit` is for display ("s", "px").
    `needed_when` = (other option's name, value): it must be given then.
    """

    name: str
    label: str
    kind: Kind
    help: str = ""
    group: str = ""
    default: Any = None
    choices: tuple[tuple[str, str], ...] = ()
    least: float | None = None
    most: float | None = None
    unit: str = ""
    is_required: bool = False
    needed_when: tuple[str, str] | None = None


def nested(options: dict[str, Any]) -> dict[str, Any]:
    """Dotted names as nested objects.

    >>> nested({"prompt": "x", "caption_style.position": "top", "caption_style.font": "Lato"})
    {'prompt': 'x', 'caption_style': {'position': 'top', 'font': 'Lato'}}
    """
    tree: dict[str, Any] = {}
    for name, value in options.items():
        *path, last = name.split(".")
        place = tree
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return tree


def out_of_order(
    declared: Sequence[Option], options: dict[str, Any], pairs: Sequence[tuple[str, str]]
) -> dict[str, str]:
    """By name, those that are less than another that they may not be less than; what is left empty
    counts as the service's own default, where that is known.

    >>> bounds = [Option(name="from", label="From", kind="whole"),
    ...           Option(name="to", label="To", kind="whole", default=90, unit="s")]
    >>> out_of_order(bounds, {"from": 120}, [("from", "to")])
    {'to': 'Write at least 120, which is “From”.'}
    >>> out_of_order(bounds, {"from": 120, "to": 120}, [("from", "to")])
    {}
    """
    known = {option.name: option for option in declared}
    found = {}
    for low, high in pairs:
        least, most = (number(options.get(name, known[name].default)) for name in (low, high))
        if least is not None and most is not None and least > most:
            found[high] = f"Write at least {least:g}, which is “{known[low].label}”."
    return found
