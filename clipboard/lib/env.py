"""Typed reading of environment variables: a bad value is refused by name, with what would do."""

from __future__ import annotations

import base64
import contextlib
import os
from collections.abc import Callable, Sequence
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class BadSetting(ValueError):
    """An environment variable that cannot be used; its text is meant for a person."""


def text(name: str, default: str = "", *, choices: Sequence[str] = ()) -> str:
    value = os.environ.get(name, "").strip() or default
    if choices and value not in choices:
        raise BadSetting(f"{name} is {value!r}; it can be {' or '.join(choices)}.")
    return value


def boolean(name: str, default: bool) -> bool:
    """1 or 0. Words such as "yes" are refused rather than guessed at."""
    value = os.environ.get(name, "").strip()
    if value not in ("", "0", "1"):
        raise BadSetting(f"{name} is {value!r}; write 1 for yes or 0 for no.")
    return value == "1" if value else default


def number(name: str, default: int, *, least: int = 0, most: int = 2**53) -> int:
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or not least <= int(value[:20]) <= most:
        raise BadSetting(f"{name} is {value!r}; write a whole number from {least} to {most}.")
    return int(value)


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    """A list, separated by commas."""
    value = os.environ.get(name, "")
    return [word.strip() for word in value.split(",") if word.strip()] or list(default)


def hosts(name: str, default: Sequence[str] = (), *, with_ports: bool) -> list[str]:
    """A list of host names, which with a scheme or a path would never be met."""
    values = words(name, default)
    for value in values:
        port = ":" in value.rpartition("]")[2]
        if set(value) & set("/@?# ") or (port and not with_ports):
            raise BadSetting(f"{name} holds {value!r}; write host names such as clips.example.org.")
    return values


def networks(name: str, default: Sequence[str] = ()) -> list[str]:
    """A list of network addresses, or of whole networks such as 10.0.0.0/8."""
    values = words(name, default)
    for value in values:
        try:
            ip_network(value)
        except ValueError as error:
            raise BadSetting(
                f"{name} holds {value!r}; write addresses or networks such as 10.0.0.0/8."
            ) from error
    return values


def secrets(name: str) -> list[str]:
    """A list of 32-byte secrets in URL-safe base64. Their values are not repeated."""
    values = words(name)
    for value in values:
        try:
            whole = len(base64.urlsafe_b64decode(value)) == 32
        except ValueError:
            whole = False
        if not whole:
            raise BadSetting(
                f"{name} holds what is no secret; `manage.py rotate_keys --new` prints one."
            )
    return values


def zone(name: str, default: str) -> str:
    """The name of a time zone, such as Europe/Berlin."""
    value = text(name, default)
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadSetting(
            f"{name} is {value!r}; write a time zone such as Europe/Berlin."
        ) from error
    return value


def address(name: str, default: str, *, schemes: Sequence[str], example: str) -> str:
    """A URL with one of these schemes. Its value is not repeated: it may hold a password."""
    value = text(name, default)
    try:
        parts = urlsplit(value)
        fits = parts.scheme in schemes and "://" in value and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise BadSetting(f"{name} cannot be read; write something like {example}.")
    return value


def path(name: str, default: Path) -> Path:
    value = os.environ.get(name, "").strip()
    return Path(value).expanduser().resolve() if value else default


def kept_secret(file: Path, *, make: Callable[[], str]) -> str:
    """One made on first use and kept in that file, for the owner's eyes only."""
    try:
        make_once(file, make)
        return file.read_text()
    except OSError as error:
        raise BadSetting(
            f"VAR_DIR holds {file.name}, which cannot be kept or read ({error}); "
            "name a folder that this user may write to."
        ) from error


def make_once(file: Path, make: Callable[[], str]) -> None:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}-{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
            out.write(make())
        # Linked when it is whole: of several that start at once, one wins and the others read it.
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
        draft.unlink()
