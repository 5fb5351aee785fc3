from __future__ import annotations

import io
import logging

import pytest

from clipboard.lib.redact import RedactFilter


@pytest.fixture
def logged():
    """logged(words, *arguments, **more) → what stands in the log."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(RedactFilter())
    logger = logging.Logger("ours")
    logger.addHandler(handler)

    def log(words, *arguments, **more):
        logger.error(words, *arguments, **more)
        return out.getvalue()

    return log


def test_no_line_holds_a_secret(logged):
    try:
        raise ValueError("GET https://cdn.example/a.mp4?signature=abc12345")
    except ValueError:
        said = logged("Sent %s", {"X-Api-Key": "abc12345"}, exc_info=True)
    assert "Sent {'X-Api-Key': '…'}" in said
    assert "ValueError: GET https://cdn.example/a.mp4?…" in said
    assert "abc12345" not in said


@pytest.mark.parametrize(
    ("words", "arguments"), [("%d of %d", ("abc",)), ("%d", ("abc",)), ("%(a)s", ({"b": 1},))]
)
def test_a_line_that_is_wrong_is_logged_too(logged, words, arguments):
    assert words in logged(words, *arguments)
