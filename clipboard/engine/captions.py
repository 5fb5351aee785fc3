"""Words on the picture: WebVTT for players, ASS for burning in with the spoken word coloured."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from clipboard.engine.findings import Word

LINE_WORDS, LINE_CHARACTERS = 3, 18  # of a burned line
CUE_WORDS, CUE_SECONDS = 8, 4.0  # of a WebVTT cue
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
Style: Words,{font},{size},&H00FFFFFF,&H00101010,&H80000000,0,1,{outline},{shadow},2,{side},{side},\
{bottom}

[Events]
Format: Layer, Start, End, Style, Text
"""


def vtt(words: list[Word], *, start: float, end: float) -> str:
    """WebVTT of the words between two times of the source, counted from `start`."""
    cues = []
    for line in lines(within(words, start, end), CUE_WORDS, 60, CUE_SECONDS):
        begin, until = line[0][0], max(line[-1][1], line[0][0] + 0.1)
        text = " ".join(word[2] for word in line)
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        cues.append(f"{clock(begin)} --> {clock(until)}\n{text}\n")
    return "\n".join(["WEBVTT\n", *cues])


def ass(words: list[Word], *, start: float, end: float, width: int, height: int) -> str:
    """Three words a line near the bottom of a picture of that size; each coloured as it is said."""
    size = round(min(width * 0.094, height * 0.075))
    header = HEADER.format(
        width=width,
        height=height,
        font=FONT,
        size=size,
        outline=max(1, round(size * 0.09)),
        shadow=max(1, round(size * 0.04)),
        side=round(width * 0.06),
        bottom=round(height * (0.2 if height > width else 0.1)),
    )
    said = within(words, start, end)
    groups = list(lines(said, LINE_WORDS, LINE_CHARACTERS, 3.0))
    events = []
    for index, line in enumerate(groups):
        following = groups[index + 1][0][0] if index + 1 < len(groups) else end - start
        events += events_of(line, min(following, line[-1][1] + LINGER))
    return header + "".join(events)


def events_of(line: list[Word], until: float) -> Iterator[str]:
    """One event a word, from its start to the next one's, so that the line never flickers."""
    begins = [*(word[0] for word in line), max(until, line[-1][0] + 0.05)]
    for spoken, (begin, end) in enumerate(pairwise(begins)):
        if clock(begin)[:-1] == clock(end)[:-1]:
            continue
        text = " ".join(
            f"{{\\c{SPOKEN}}}{plain(word[2])}{{\\c{PLAIN}}}" if at == spoken else plain(word[2])
            for at, word in enumerate(line)
        )
        yield f"Dialogue: 0,{clock(begin)[1:-1]},{clock(end)[1:-1]},Words,{text}\n"


def within(words: list[Word], start: float, end: float) -> list[Word]:
    """Words that are heard between two times, counted from the first and kept inside."""
    return [
        (max(0.0, begin - start), min(until, end) - start, text)
        for begin, until, text in words
        if begin < end and until > start
    ]


def lines(
    words: list[Word], most_words: int, most_characters: int, most_seconds: float
) -> Iterator[list[Word]]:
    """Words in groups, broken where a sentence ends or somebody pauses, too."""
    line: list[Word] = []
    for word in words:
        if line and (
            len(line) >= most_words
            or word[0] - line[-1][1] > PAUSE
            or word[1] - line[0][0] > most_seconds
            or sum(len(one[2]) + 1 for one in line) + len(word[2]) > most_characters
            or line[-1][2].endswith((".", "!", "?"))
        ):
            yield line
            line = []
        line.append(word)
    if line:
        yield line


def clock(seconds: float) -> str:
    """hh:mm:ss.mmm; ASS takes it without the first and the last character."""
    total = max(0, round(seconds * 1000))
    minutes, milliseconds = divmod(total, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"


def plain(text: str) -> str:
    """Without what ASS would take for an instruction."""
    return text.translate(str.maketrans("", "", "{}\\\n\r"))
