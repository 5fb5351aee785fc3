"""Any text, for tests that are given whatever may come."""

from __future__ import annotations

from hypothesis import strategies as st

# What UTF-8 can say, as in `st.text()`, which first tries all of Unicode for that, for a second.
CHARACTERS = st.characters(exclude_categories=["Cs"])


def texts(**sizes):
    return st.text(CHARACTERS, **sizes)
