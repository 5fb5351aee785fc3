"""Words burned into the picture: an ASS script in which the spoken word is coloured."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from clipboard.engine.findings import Word
from clipboard.engine.webvtt import stamp

LINE_WORDS, LINE_CHARACTERS = 3, 18  # of a burned line
LINE_SECONDS = 3.0
WIDE = 0.62  # of the font's size: a letter of it, a little more than in the middle
SIDE, BOTTOM, LOW_BOTTOM = 0.06, 0.2, 0.1  # of the picture, kept free beside and below the words
PAUSE = 0.7  # seconds of silence that end a line
LINGER = 0.5  # seconds a line stays after its last word if nothing follows
FONT = "Manrope ExtraBold"
PLAIN, SPOKEN = "&HFFFFFF&", "&H4DD2FF&"  # blue, green, red
HEADER = """[Script Info]
ScriptType: v4.00+
WrapStyle: 0
ScaledBorderAndShadow: yes
PlayResX: {width}
PlayResY: {height}

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, OutlineColour, BackColour, Bold, BorderStyle, \
Outline, Shadow, Alignment, MarginL, MarginR, MarginV
Style: Words,{font},{size},&H00FFFFFF,&H00101010,&H80000000,0,1,{outline},0,2,{side},{side},\
{bottom}

[Events]
Format: Layer, Start, End, Style, Text
"""


def ass(words: list[Word], *, start: float, end: float, width: int, height: int) -> str:
    """Three words a line near the bottom of a picture of that size; each coloured as it is said."""
    size = round(min(width * 0.094, height * 0.075))
    header = HEADER.format(
        width=width,
        height=height,
        font=FONT,
        size=size,
        outline=max(1, round(size * 0.09)),
        side=round(width * SIDE),
        bottom=round(height * (BOTTOM if height > width else LOW_BOTTOM)),
    )
    room = width * (1 - 2 * SIDE) / (size * WIDE)  # letters beside each other
    said = within(words, start, end)
    groups = list(lines(said))
    events: list[str] = []
    for index, line in enumerate(groups):
        following = groups[index + 1][0][0] if index + 1 < len(groups) else end - start
        until = min(following, line[-1][1] + LINGER)
        events += events_of(line, until, fitting(line, size=size, room=room))
    return header + "".join(events)


def fitting(line: list[Word], *, size: int, room: float) -> str:
    """Smaller letters for a line with a word too long for the picture: lines break between words
    only, and the rest of it would be cut off on both sides."""
    longest = max(len(plain(text)) for _, _, text in line)
    return f"{{\\fs{int(size * room / longest)}}}" if longest > room else ""


def events_of(line: list[Word], until: float, prefix: str) -> Iterator[str]:
    """One event a word, from its start to the next one's, so that the line never flickers."""
    begins = [*(word[0] for word in line), max(until, line[-1][0] + 0.05)]
    for spoken, (begin, end) in enumerate(pairwise(begins)):
        if clock(begin) == clock(end):
            continue
        text = " ".join(
            f"{{\\c{SPOKEN}}}{plain(word[2])}{{\\c{PLAIN}}}" if at == spoken else plain(word[2])
            for at, word in enumerate(line)
        )
        yield f"Dialogue: 0,{clock(begin)},{clock(end)},Words,{prefix}{text}\n"


def within(words: list[Word], start: float, end: float) -> list[Word]:
    """Words that are heard between two times, counted from the first and kept inside."""
    return [
        (max(0.0, begin - start), min(until, end) - start, text)
        for begin, until, text in words
        if begin < end and until > start
    ]


def lines(words: list[Word]) -> Iterator[list[Word]]:
    """Words in groups, broken where a sentence ends or somebody pauses, too."""
    line: list[Word] = []
    for word in words:
        if line and (
            len(line) >= LINE_WORDS
            or word[0] - line[-1][1] > PAUSE
            or word[1] - line[0][0] > LINE_SECONDS
            or sum(len(one[2]) + 1 for one in line) + len(word[2]) > LINE_CHARACTERS
            or line[-1][2].endswith((".", "!", "?"))
        ):
            yield line
            line = []
        line.append(word)
    if line:
        yield line


def clock(seconds: float) -> str:
    """h:mm:ss.cc"""
    return stamp(max(0.0, seconds))[1:-1]


def plain(text: str) -> str:
    """Without what ASS would take for an instruction."""
    return text.translate(str.maketrans("", "", "{}\\\n\r"))
