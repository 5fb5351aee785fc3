from __future__ import annotations

import itertools
import re

from clipboard.engine import vtt

CUE = re.compile(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})\n(.+)")


def cues(text):
    return [
        (3600 * int(a) + 60 * int(b) + float(c), 3600 * int(d) + 60 * int(e) + float(f), words)
        for a, b, c, d, e, f, words in CUE.findall(text)
    ]


def spoken(count, *, start=0.0, length=0.3, gap=0.1, text="word"):
    return [
        [start + n * (length + gap), start + n * (length + gap) + length, f"{text}{n}"]
        for n in range(count)
    ]


def test_it_counts_from_the_start_of_the_range():
    text = vtt([[3700.5, 3701.0, "Late."]], start=3600, end=3720)

    assert text.startswith("WEBVTT\n\n")
    assert cues(text) == [(100.5, 101.3, "Late.")]


def test_words_outside_are_left_out_and_those_across_the_edge_are_cut():
    words = [[0, 1, "before"], [9.5, 10.5, "across"], [19.5, 20.5, "over."], [30, 31, "after"]]

    assert cues(vtt(words, start=10, end=20)) == [(0, 0.8, "across"), (9.5, 10, "over.")]


def test_a_cue_fits_a_line_and_ends_with_a_sentence_or_a_pause():
    words = [*spoken(40), [17.0, 17.4, "So."], [17.5, 17.9, "Then"], [19.0, 19.4, "later"]]
    found = cues(vtt(words, start=0, end=60))

    assert max(len(text) for _, _, text in found) <= 42
    assert [text for _, _, text in found][-3:] == ["So.", "Then", "later"]


def test_cues_never_overlap():
    found = cues(vtt(spoken(200, gap=0.0), start=0, end=60))

    assert all(a[1] <= b[0] + 0.001 and a[0] < a[1] for a, b in itertools.pairwise(found))


def test_nothing_in_the_words_is_markup():
    text = vtt([[0, 1, "<b>-->\n\nNOTE & x"]], start=0, end=5)

    assert cues(text)[0][2] == "&lt;b&gt;--&gt; NOTE &amp; x"
    assert len(cues(text)) == 1


def test_no_words_is_an_empty_file():
    assert vtt([], start=0, end=5) == "WEBVTT\n"
