"""Why a file is refused, in one sentence: what it is and what to do next."""

from __future__ import annotations

from pathlib import Path

from clipboard.engine.errors import MediaError

INSTEAD = "upload the recording itself"
PLAYLIST = "This is a playlist that points to other files, not a video; upload the video itself."
# The first bytes that give a file away, and what it then is.
BEGINNINGS: tuple[tuple[bytes, str, str], ...] = (
    (b"#EXTM3U", "playlist", PLAYLIST),
    (b"ffconcat", "playlist", PLAYLIST),
    (b"[playlist]", "playlist", PLAYLIST),
    (b"v=0\n", "playlist", PLAYLIST),
    (b"v=0\r\n", "playlist", PLAYLIST),
    (b"%PDF", "not_video", f"This is a PDF, not a video; {INSTEAD}."),
    (b"PK\x03\x04", "not_video", "This is a ZIP archive; unpack it and upload the video in it."),
    (b"\x1f\x8b", "not_video", "This is a gzip archive; unpack it and upload the video in it."),
    (b"7z\xbc\xaf", "not_video", "This is a 7z archive; unpack it and upload the video in it."),
    (b"Rar!", "not_video", "This is a RAR archive; unpack it and upload the video in it."),
    (b"\x89PNG", "not_video", f"This is a picture (PNG), not a video; {INSTEAD}."),
    (b"\xff\xd8\xff", "not_video", f"This is a picture (JPEG), not a video; {INSTEAD}."),
    (b"GIF8", "not_video", "This is an animated picture (GIF); export it as MP4 and upload that."),
    (b"MZ", "not_video", f"This is a program, not a video; {INSTEAD}."),
    (b"\x7fELF", "not_video", f"This is a program, not a video; {INSTEAD}."),
    (b"ID3", "no_picture", "This file has sound only; upload a recording that has a picture."),
    (b"fLaC", "no_picture", "This file has sound only; upload a recording that has a picture."),
)
OUT_OF_MEMORY = (
    "This recording needs more memory than the engine may use; "
    "export it as MP4 (H.264) at 4K or smaller and upload that."
)
# What ffmpeg says, and what that means. The first that matches wins.
COMPLAINTS: tuple[tuple[str, str, str], ...] = (
    (
        "exceeds specified max pixel count",
        "too_large",
        "The picture is larger than 8192 × 4320; export it at 4K or smaller and upload that.",
    ),
    ("Cannot allocate memory", "out_of_memory", OUT_OF_MEMORY),
    ("get_buffer() failed", "out_of_memory", OUT_OF_MEMORY),
    (
        "matches no streams",
        "no_picture",
        "This file has no moving picture; upload a recording that has one.",
    ),
    (
        "max_streams",
        "too_many_tracks",
        "This file has too many tracks; export it with one picture and one sound track.",
    ),
    (
        "moov atom not found",
        "cut_off",
        "This video is cut off or damaged: the part that says how to play it is missing; "
        "upload it again from the original.",
    ),
    (
        "not on whitelist",
        "codec",
        "This video is encoded in a way that is not supported; "
        "export it as MP4 (H.264 and AAC) and upload that.",
    ),
)
EMPTY = "This file is empty; upload it again from the original."
TEXT = "This is a text file, not a video; upload the recording itself."
WEB_PAGE = "This is a web page or an XML file, not a video; download the video itself first."
UNREADABLE = (
    "This file cannot be read as a video; export it again as MP4 (H.264 and AAC) and upload that."
)
BROKEN = "No picture in this file can be decoded; upload it again from the original."
TOO_SHORT = "This recording is shorter than a second; upload a longer one."
TOO_LONG = (
    "This recording is longer than 24 hours or its clock is broken; export it again in parts."
)
MISSING = "The file is not there any more; upload it again."


def recognise(path: Path) -> MediaError | None:
    """What is plain from the first bytes alone, for a clearer sentence than a decoder's."""
    try:
        with path.open("rb") as file:
            beginning = file.read(1024)
    except OSError:
        return MediaError("missing", MISSING)
    if not beginning:
        return MediaError("empty", EMPTY)
    trimmed = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()
    for first, code, sentence in BEGINNINGS:
        if trimmed.startswith(first):
            return MediaError(code, sentence)
    if b"<MPD" in beginning:
        return MediaError("playlist", PLAYLIST)
    if not is_text(beginning):
        return None
    return MediaError("not_video", WEB_PAGE if trimmed.startswith(b"<") else TEXT)


def is_text(beginning: bytes) -> bool:
    """At least half of a kilobyte of characters that people type; binary formats hold zeros."""
    return len(beginning) > 1 and not any(byte < 9 or 13 < byte < 27 for byte in beginning)


def explain(log: str, path: Path) -> MediaError:
    """The refusal that ffmpeg's complaints about the file amount to."""
    for words, code, sentence in COMPLAINTS:
        if words in log and (code != "cut_off" or starts_as_mp4(path)):
            return MediaError(code, sentence)
    return MediaError("unreadable", UNREADABLE)


def starts_as_mp4(path: Path) -> bool:
    """By its name alone ffmpeg takes anything for an MP4, and then misses the index in it."""
    with path.open("rb") as file:
        return file.read(8)[4:] in (b"ftyp", b"mdat", b"free", b"wide", b"skip")
