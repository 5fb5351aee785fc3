"""What can be chosen when a job is submitted: declared by the adapter, made into a form by us."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

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
