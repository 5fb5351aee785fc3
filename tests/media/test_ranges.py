from __future__ import annotations

import pytest

from clipboard.media.ranges import Unsatisfiable, parse_range

HUGE = "9" * 19


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", (0, 0)),
        ("bytes=0-", (0, 99)),
        ("bytes=90-200", (90, 99)),
        ("bytes=99-99", (99, 99)),
        ("bytes=-1", (99, 99)),
        ("bytes=-100", (0, 99)),
        ("bytes=-5000", (0, 99)),
        (f"bytes=5-{HUGE}", (5, 99)),
        (f"bytes=-{HUGE}", (0, 99)),
        ("Bytes=1-2", (1, 2)),
        ("bytes= 1-2 ", (1, 2)),
    ],
)
def test_it_finds_the_range(header, expected):
    assert parse_range(header, 100, at_most=1000) == expected


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-2",
        "bytes=a-b",
        "bytes=0x1-2",
        "bytes=1.5-2",
        "bytes=--5",
        "bytes=-5-",
        "bytes=1-2,4-5",
        "bytes=" + "0-0," * 10_000,
        "items=0-5",
        "b y t e s=0-5",
        "bytes=٣-٤",
        "bytes=" + "9" * 5000 + "-",
        "bytes=0-5\n",
    ],
)
def test_it_ignores_what_is_not_one_range(header):
    assert parse_range(header, 100, at_most=1000) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", f"bytes={HUGE}-"])
def test_it_knows_what_lies_behind_the_end(header):
    with pytest.raises(Unsatisfiable):
        parse_range(header, 100, at_most=1000)


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=-1", "bytes=0-0"])
def test_an_empty_file_has_no_range(header):
    with pytest.raises(Unsatisfiable):
        parse_range(header, 0, at_most=1000)


def test_it_answers_in_short_pieces():
    assert parse_range("bytes=7-", 10**12, at_most=1024).length == 1024
    assert parse_range("bytes=-4000", 10_000, at_most=1024) == (6000, 7023)
