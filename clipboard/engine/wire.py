"""Dataclasses to JSON lines and back: what the engine's two sides say to each other."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


def to_line(message: dict[str, Any]) -> bytes:
    return json.dumps(message, default=plain, allow_nan=False).encode() + b"\n"


def plain(value: Any) -> Any:
    """What json cannot write by itself: dataclasses, paths and NumPy's numbers and arrays."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be sent between processes")


def from_json(kind: Any, value: Any) -> Any:
    """`value`, as json read it, in the shape the type hint `kind` asks for."""
    origin, inner = get_origin(kind), get_args(kind)
    if value is None or kind is Any:
        return value
    if origin in (Union, UnionType):
        return from_json(next(one for one in inner if one is not NoneType), value)
    if origin is dict:
        return {key: from_json(inner[1], one) for key, one in value.items()}
    if origin is tuple and inner[-1:] != (...,):
        return tuple(from_json(one, part) for one, part in zip(inner, value, strict=True))
    if origin is not None:
        return (origin if origin is tuple else list)(from_json(inner[0], one) for one in value)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: from_json(hints[name], one) for name, one in value.items()})
    return kind(value) if kind in (Path, float) else value


def arguments_for(function: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    """Keyword arguments in the shapes that the function's hints name."""
    hints = get_type_hints(function)
    return {name: from_json(hints[name], value) for name, value in given.items()}
