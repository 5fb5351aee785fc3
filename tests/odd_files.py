"""Every odd and hostile file that must play or be refused in one clear sentence."""

from __future__ import annotations

import random
import struct
from functools import partial

from tests.media_files import (
    AAC,
    COPY,
    H264,
    PICTURE,
    PLAYS,
    SOUND,
    Odd,
    avi_rate,
    bomb,
    copy,
    covered,
    cut,
    flipped,
    hls,
    kept,
    matroska_duration,
    outside,
    patched,
    small,
    streamed,
    text,
    video,
    wrapped,
    zipped,
)

THOUSAND = ("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=1000:duration=1.2")
SMALL = (*small(), "-f", "lavfi", "-i", "sine=frequency=440:duration=2")
JS = b"/*<script>alert(1)</script>*/"
DASH = (
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period>'
    '<AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1">'
    "<BaseURL>{folder}/canary.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>"
)
SDP = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n"
EVIL = '<img src=x onerror=alert(1)>"\r\nSet-Cookie: a=b'
PLAYLISTS = [
    Odd("hls_absolute.mp4", "playlist", text(hls("file://{folder}/canary.mp4"))),
    Odd("hls_relative.mp4", "playlist", text(hls("canary.mp4"))),
    Odd("hls_url.mp4", "playlist", text(hls("http://127.0.0.1:9/canary.mp4"))),
    Odd("hls_named.m3u8", "playlist", text(hls("canary.mp4"))),
    Odd("hls_behind_mark.mp4", "playlist", text("\ufeff" + hls("canary.mp4"))),
    Odd("hls_behind_blank.mp4", "playlist", text("\n \n" + hls("canary.mp4"))),
    Odd(
        "concat_absolute.mp4",
        "playlist",
        text("ffconcat version 1.0\nfile '{folder}/canary.mp4'\n"),
    ),
    Odd("concat_relative.mkv", "playlist", text("ffconcat version 1.0\nfile canary.mp4\n")),
    Odd("concat_url.mp4", "playlist", text("ffconcat version 1.0\nfile http://127.0.0.1:9/a\n")),
    Odd("concat_named.ffconcat", "playlist", text("ffconcat version 1.0\nfile canary.mp4\n")),
    Odd("dash.mp4", "playlist", text(DASH)),
    Odd("dash_named.mpd", "playlist", text(DASH)),
    Odd("session.sdp", "playlist", text(SDP)),
    Odd("session.mp4", "playlist", text(SDP)),
]
OUTSIDE = Odd("samples_elsewhere.mp4", "unreadable", outside)
NOT_VIDEOS = [
    Odd("nothing.mp4", "empty", text(b"")),
    Odd("one_byte.mp4", "unreadable", text(b"\0")),
    Odd("words.mp4", "not_video", text("Dear all, the video follows tomorrow.\n" * 40)),
    Odd("page.mp4", "not_video", text("<!doctype html><script>alert(1)</script>")),
    Odd("drawing.mp4", "not_video", text('<svg xmlns="http://www.w3.org/2000/svg"/>')),
    Odd("script.php.mp4", "not_video", text("<?php system($_GET['c']); ?>")),
    Odd("paper.mp4", "not_video", text(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n")),
    Odd("archive.mp4", "not_video", partial(zipped, polyglot=False)),
    Odd("program.mp4", "not_video", text(b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff" + bytes(500))),
    Odd("picture.gif", "not_video", video("-frames:v", "5", inputs=small())),
    Odd("picture.png", "not_video", video("-frames:v", "1", inputs=small())),
    Odd("picture.jpg", "not_video", text(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(2000))),
    Odd("noise.mp4", "unreadable", text(random.Random(1).randbytes(50_000))),
    Odd("sound.m4a", "no_picture", video(*AAC, inputs=SOUND)),
    Odd("sound.mp4", "no_picture", video(*AAC, inputs=SOUND)),
    Odd("sound.mp3", "no_picture", video("-c:a", "libmp3lame", inputs=SOUND)),
]
DAMAGED = [
    Odd("cut_without_index.mp4", "cut_off", partial(cut, faststart=False)),
    Odd("cut_after_index.mp4", PLAYS, partial(cut, faststart=True)),
    Odd("bit_flips.mp4", PLAYS, partial(flipped, seed=1)),
    Odd("bit_flips_again.mp4", PLAYS, partial(flipped, seed=2)),
    Odd("one_frame.mp4", "too_short", video(*H264, "-frames:v", "1", inputs=PICTURE)),
]
TOO_MUCH = [
    Odd("pictures_kept.mp4", "out_of_memory", kept),
    Odd("bomb_16000.mp4", "too_large", bomb),
    Odd("magicyuv.mov", "codec", video("-c:v", "magicyuv", inputs=small())),
    Odd("forty_tracks.mkv", "too_many_tracks", copy(*("-map", "0:v") + ("-map", "0:a") * 40)),
]
CLAIMS = [
    Odd("lasts_for_ever.mp4", PLAYS, partial(patched, box=b"mvhd", at=20, data=b"\xff" * 4)),
    Odd("lasts_nothing.mp4", PLAYS, partial(patched, box=b"mvhd", at=20, data=bytes(4))),
    Odd("no_clock.mp4", PLAYS, partial(patched, box=b"mvhd", at=16, data=bytes(4))),
    Odd("lasts_nan.mkv", COPY, partial(matroska_duration, value=float("nan"))),
    Odd("lasts_less_than_nothing.mkv", COPY, partial(matroska_duration, value=-5e6)),
    Odd("lasts_an_age.mkv", COPY, partial(matroska_duration, value=1e15)),
    Odd("no_rate.avi", COPY, avi_rate),
    Odd("thousand_frames.mp4", PLAYS, video(*H264, inputs=THOUSAND)),
    Odd("evil_title.mp4", PLAYS, copy("-metadata", f"title={EVIL}", "-metadata", "comment==cmd|x")),
]
ODD = [
    Odd("html_in_front.mp4", "unreadable", partial(wrapped, before=b"<html>" + JS + bytes(64))),
    Odd("script_behind.mp4", PLAYS, partial(wrapped, after=struct.pack(">I", 37) + b"free" + JS)),
    Odd("zip_behind.mp4", PLAYS, partial(zipped, polyglot=True)),
    Odd("no_sound.mp4", PLAYS, copy("-an")),
    Odd(
        "uneven.mp4",
        PLAYS,
        video("-vf", "select=not(mod(n\\,5))+lt(n\\,25)", "-fps_mode", "vfr", *H264),
    ),
    Odd("turned_90.mp4", PLAYS, copy(before=("-display_rotation", "90"))),
    Odd("turned_180.mp4", PLAYS, copy(before=("-display_rotation", "180"))),
    Odd("hevc.mp4", COPY, video("-c:v", "libx265", "-preset", "ultrafast", inputs=small())),
    Odd("ten_bits.mp4", COPY, video(*H264, "-pix_fmt", "yuv420p10le", inputs=small())),
    Odd(
        "full_colour.mp4",
        COPY,
        video(*H264, "-pix_fmt", "yuv444p", inputs=small("testsrc2=size=161x91")),
    ),
    Odd("plain.mkv", COPY, copy()),
    Odd("plain.mov", COPY, copy()),
    Odd("plain.ts", COPY, copy()),
    Odd("plain.flv", COPY, copy()),
    Odd("recorder.webm", PLAYS, streamed),
    Odd("prores.mov", COPY, video("-c:v", "prores_ks", "-c:a", "pcm_s16le", inputs=SMALL)),
    Odd("mpeg4_mp3.avi", COPY, video("-c:v", "mpeg4", "-c:a", "libmp3lame", inputs=SMALL)),
    Odd("mpeg2.mpg", COPY, video("-c:v", "mpeg2video", "-c:a", "mp2", inputs=SMALL)),
    Odd("windows.wmv", COPY, video("-c:v", "wmv2", "-c:a", "wmav2", inputs=SMALL)),
    Odd(
        "black_and_silent.mp4",
        PLAYS,
        video(
            *H264,
            *AAC,
            "-shortest",
            inputs=(*small("color=black:size=160x90"), "-f", "lavfi", "-i", "anullsrc=d=2"),
        ),
    ),
    Odd("cover_first.mp4", PLAYS, covered),
    Odd(
        "many_kinds.mkv", COPY, copy(*("-map", "0:v", "-map", "0:v", "-map", "0:a", "-map", "0:a"))
    ),
    Odd("wide_pixels.mp4", PLAYS, video(*H264, "-vf", "setsar=2/1", inputs=small())),
    Odd(
        "odd_size.webm",
        PLAYS,
        video(
            "-c:v",
            "libvpx",
            "-deadline",
            "realtime",
            "-cpu-used",
            "8",
            inputs=small("testsrc2=size=161x91"),
        ),
    ),
]
EVERY = [*PLAYLISTS, OUTSIDE, *NOT_VIDEOS, *DAMAGED, *TOO_MUCH, *CLAIMS, *ODD]
