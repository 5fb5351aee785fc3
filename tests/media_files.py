"""Makes odd and hostile files from test patterns, text and bytes alone; odd_files.py lists them."""

from __future__ import annotations

import fcntl
import io
import random
import struct
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

PLAYS, COPY = "plays", "plays after a copy"
CANARY = "canary.mp4"  # another team's video, all magenta: no other file may ever show it
PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=3")
SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:duration=3")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25")
AAC = ("-c:a", "aac", "-b:a", "64k")
SIXTEEN = "threads=1:ref=16:bframes=0:keyint=99:rc-lookahead=0:sync-lookahead=0:no-mbtree=1:cabac=0"
Make = Callable[[Path], None]


@dataclass(frozen=True)
class Odd:
    """`expected` is PLAYS, COPY (browsers play the copy made of it) or the code of its refusal."""

    name: str
    expected: str
    make: Make


def begin(folder: Path) -> None:
    """Put into a folder what the odd files are made of, and lie beside."""
    picture = ("-f", "lavfi", "-i", "color=magenta:size=320x180:rate=25:duration=3")
    ffmpeg(*picture, *SOUND, *H264, *AAC, "-shortest", str(folder / CANARY))
    ffmpeg(*PICTURE, *SOUND, *H264, *AAC, str(plain(folder)))


def made(odd: Odd, folder: Path) -> Path:
    """The file, made in a folder that was begun, unless another test or worker has made it."""
    target = folder / odd.name
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            odd.make(target)
    return target


def plain(folder: Path) -> Path:
    """Three seconds of moving pattern and tone; its index stands at the end of the file."""
    return folder / "plain_source.mp4"


def ffmpeg(*arguments: str) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-y"]
    subprocess.run([*command, *arguments], check=True, stdin=subprocess.DEVNULL)


def encoded(target: Path, *arguments: str, inputs: tuple[str, ...] = (*PICTURE, *SOUND)) -> None:
    ffmpeg(*inputs, *arguments, str(target))


def copied(target: Path, *arguments: str, before: tuple[str, ...] = ()) -> None:
    ffmpeg(*before, "-i", str(plain(target.parent)), "-c", "copy", *arguments, str(target))


def content(target: Path, data: bytes | str) -> None:
    """`{folder}` in a text becomes the absolute path of the folder that the file stands in."""
    text = data.replace("{folder}", str(target.parent)) if isinstance(data, str) else data
    target.write_bytes(text.encode() if isinstance(text, str) else text)


def wrapped(target: Path, *, before: bytes = b"", after: bytes = b"") -> None:
    target.write_bytes(before + plain(target.parent).read_bytes() + after)


def cut(target: Path, *, faststart: bool) -> None:
    copied(target, *(("-movflags", "+faststart") if faststart else ()))
    whole = target.read_bytes()
    target.write_bytes(whole[: len(whole) * 6 // 10])


def flipped(target: Path, *, seed: int) -> None:
    """One byte in a thousand is wrong; the index, at the end of the file, is spared."""
    chance, data = random.Random(seed), bytearray(plain(target.parent).read_bytes())
    for _ in range(len(data) // 1000):
        data[chance.randrange(64, data.rindex(b"moov") - 8)] ^= 1 << chance.randrange(8)
    target.write_bytes(data)


def patched(target: Path, *, box: bytes, at: int, data: bytes) -> None:
    """`data` written `at` bytes after the name of each such box of a plain MP4."""
    whole = bytearray(plain(target.parent).read_bytes())
    found = whole.find(box)
    while found >= 0:
        whole[found + at : found + at + len(data)] = data
        found = whole.find(box, found + 4)
    target.write_bytes(whole)


def outside(target: Path) -> None:
    """The canary's index over zeros, saying that the samples lie in the canary (an alias)."""
    whole = (target.parent / CANARY).read_bytes()
    moov, mdat = whole.rindex(b"moov") - 4, whole.index(b"mdat") + 4
    path = str(target.parent / CANARY).encode()
    index = repointed(whole[moov:], path + b"\0" * (len(path) % 2))
    target.write_bytes(whole[:mdat] + bytes(moov - mdat) + index)


def repointed(boxes: bytes, path: bytes) -> bytes:
    result = b""
    while boxes:
        size, kind = struct.unpack(">I4s", boxes[:8])
        inner, boxes = boxes[8:size], boxes[size:]
        if kind in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
            inner = repointed(inner, path)
        if kind == b"dref":
            alias = bytes(4 + 10 + 28 + 12 + 64 + 16 + 4 + 16) + struct.pack(">HH", 2, len(path))
            alias += path + struct.pack(">HH", 0xFFFF, 0)
            inner = inner[:8] + struct.pack(">I4s", 8 + len(alias), b"alis") + alias
        result += struct.pack(">I4s", 8 + len(inner), kind) + inner
    return result


def matroska_duration(target: Path, *, value: float) -> None:
    copied(target)
    whole = bytearray(target.read_bytes())
    place = whole.index(b"\x44\x89\x88") + 3
    whole[place : place + 8] = struct.pack(">d", value)
    target.write_bytes(whole)


def avi_rate(target: Path) -> None:
    """A header that claims no frames a second."""
    encoded(target, "-c:v", "mpeg4", "-c:a", "libmp3lame", inputs=(*small(), *SOUND))
    whole = bytearray(target.read_bytes())
    place = whole.index(b"vids") + 24
    whole[place : place + 4] = bytes(4)
    target.write_bytes(whole)


def zipped(target: Path, *, polyglot: bool) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("evil.html", "<script>alert(1)</script>")
    if polyglot:
        wrapped(target, after=archive.getvalue())
    else:
        target.write_bytes(archive.getvalue())


def streamed(target: Path) -> None:
    """As a browser's recorder writes it: to a pipe, so that no duration stands in it."""
    vp9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error"]
    arguments = [*PICTURE, *SOUND, *vp9, "-f", "webm", "pipe:1"]
    done = subprocess.run([*command, *arguments], check=True, stdout=subprocess.PIPE)
    target.write_bytes(done.stdout)


def kept(target: Path) -> None:
    """Pictures of 8K, of which whoever decodes them must keep sixteen. The second is made as often
    as it takes: each says no more than that nothing moved, and its number (H.264, 7.3.3)."""
    gray = ("-f", "lavfi", "-i", "color=gray:size=7680x4320:rate=10:duration=0.2")
    stream = target.with_suffix(".h264")
    encoded(stream, *H264, "-x264-params", SIXTEEN, inputs=gray)
    begun = stream.read_bytes()
    second = begun[begun.rindex(b"\0\0\1") + 3 :]
    assert second == numbered(second, 1)
    more = [b"\0\0\1" + numbered(second, number) for number in range(2, 17)]
    stream.write_bytes(begun + b"".join(more))
    ffmpeg("-framerate", "10", "-i", str(stream), "-c", "copy", str(target))


def numbered(slice_: bytes, number: int) -> bytes:
    """With its frame_num, the five bits after the first fifteen."""
    word = int.from_bytes(slice_[1:3], "big") & ~(31 << 4) | number << 4
    return slice_[:1] + word.to_bytes(2, "big") + slice_[3:]


def bomb(target: Path) -> None:
    """A few kilobytes that decode to 36 million pixels a frame."""
    black = ("-f", "lavfi", "-i", "color=black:size=16000x2304:rate=2:duration=1")
    encoded(target, *H264, "-threads", "1", inputs=black)


def covered(target: Path) -> None:
    cover = target.parent / "cover.jpg"
    ffmpeg("-f", "lavfi", "-i", "color=magenta:size=600x600", "-frames:v", "1", str(cover))
    both = ("-i", str(cover), "-i", str(plain(target.parent)), "-map", "0", "-map", "1")
    ffmpeg(*both, "-c", "copy", "-disposition:v:0", "attached_pic", str(target))


def video(*arguments: str, inputs: tuple[str, ...] = (*PICTURE, *SOUND)) -> Make:
    return lambda target: encoded(target, *arguments, inputs=inputs)


def copy(*arguments: str, before: tuple[str, ...] = ()) -> Make:
    return lambda target: copied(target, *arguments, before=before)


def text(data: bytes | str) -> Make:
    return lambda target: content(target, data)


def hls(segment: str) -> str:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{segment}\n#EXT-X-ENDLIST\n"


def small(source: str = "testsrc2=size=160x90", rate: int = 25) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"{source}:rate={rate}:duration=2")
