"""How Reka's API puts a refusal."""

from __future__ import annotations

from typing import Any

from clipboard.sandbox.vendor import Reply


def refused(status: int, kind: str, message: str, **more: Any) -> Reply:
    return Reply(status, {"error": {"type": kind, "message": message, **more}})


def invalid(message: str, param: str) -> Reply:
    return refused(400, "validation_error", message, param=param)


def unknown(what: str) -> Reply:
    return refused(404, "not_found_error", f"{what} not found")
