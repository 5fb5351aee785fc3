"""A double for a service: plays recorded answers to an adapter's calls, and keeps the calls."""

from __future__ import annotations

import json
from typing import Any

import httpx
from hypothesis import strategies as st

from clipboard.providers.answer import Answer
from clipboard.providers.errors import ProviderError
from tests.texts import texts


def answer(body: Any = None, *, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """`body`: bytes as they are, anything else as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, httpx.Headers(headers or {}), raw)


def play(provider, steps, *answers):
    """Run the steps against these answers (or errors); returns (result, calls)."""
    calls, left = [], list(answers)
    try:
        call = next(steps)
        while True:
            calls.append(call)
            said = left.pop(0)
            if isinstance(said, Answer) and said.status >= 400:
                said = provider.error_from(said)
            call = steps.throw(said) if isinstance(said, ProviderError) else steps.send(said)
    except StopIteration as done:
        assert not left, f"{len(left)} answers were not asked for"
        return done.value, calls


def any_json(*names: str):
    """Whatever JSON may hold, its objects mostly with these names."""
    names_or_not = st.sampled_from(names) | texts(max_size=5)
    numbers = st.integers() | st.floats() | st.sampled_from([10**400, -1, 0, 1e300])
    words = texts(max_size=20) | st.sampled_from(["\ud800", "\x00", "[", "https://[x", "../.."])
    return st.recursive(
        st.none() | st.booleans() | numbers | words,
        lambda some: st.lists(some, max_size=4) | st.dictionaries(names_or_not, some, max_size=6),
        max_leaves=8,
    )
