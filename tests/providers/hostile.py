"""What a service may send that nobody meant: its recorded answers, maimed; what must come of it.

The list is that of broken answers in general (cut short, in another encoding, no JSON, nested
without end) and of values that break those who trust them.
"""

from __future__ import annotations

import copy
import json
import math
import random

import httpx

from clipboard.providers.answer import Answer
from clipboard.providers.errors import ProviderError
from clipboard.providers.model import TERMINAL, Order, RemoteClip, RemoteFile, RemoteJob, Submitted

STATES = TERMINAL | {"queued", "running", "partial"}
MARK = "pwned"
SCRIPTS = [
    f"<script {MARK}>{MARK}()</script>",
    f'"><img {MARK} src=x onerror={MARK}()>',
    f"' {MARK}='1' onmouseover='{MARK}()",
    f"</title><b {MARK}>",
    f"javascript:{MARK}()",
    f"{{{{ {MARK} }}}}{{% {MARK} %}}",
    f'0;url=https://x" http-equiv="refresh" {MARK}="',
    f"<i hx-get=/{MARK} hx-trigger=load>",
]
TEXTS = [
    "", " ", "\x00", "a\x00b", "\ud800", "\udfff title", "\u202e gpj.exe", "\u2066\u2069",
    "\x1b[2J\x07", "\r\nSet-Cookie: a=b", "../../etc/passwd", "..", "/", "x" * 300, "ü" * 12_000,
    "0", "-1", "1e999", "NaN", "8.5", "null", "T", "0000-00-00T00:00:00Z", "2025-02-30T00:00:00Z",
    "9999-12-31T23:59:59Z", "2025-01-21T16:30:00Z", "https://cdn.example/a.mp4?s=1", "https://[x",
    "http://127.0.0.1/", "file:///etc/passwd", "data:text/html,x", "completed", "COMPLETED",
    "failed", "Cancelled", "expired", "processing", "2000", "🎬" * 50,
]  # fmt: skip
NUMBERS = [
    0, -0.0, 1, -1, 7, 60, 120, 1e-320, 1e308, 10**18, -(10**18), 2**63, 10**400,
    math.nan, math.inf, -math.inf, 1_700_000_000, 1_700_000_000_000,
]  # fmt: skip
# The body as it comes, whatever it says that it is.
RAW = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b'"text"',
    b"0",
    b"{",
    b'{"status": "comp',
    b"<html><body>502 Bad Gateway</body></html>",
    b"\xef\xbb\xbf{}",
    b"\xff\xfe{\x00}\x00",
    b"\x1f\x8b\x08\x00cut",
    b"\x80\x81\x82",
    b"[" * 100_000,
    b'{"a":' * 20_000,
    b"9" * 5_000,
    b'{"id": ' + b"9" * 5_000 + b"}",
    b"NaN",
    b"1e999",
    b'{"status": "completed", "status": null, "status": ["failed"]}',
    b'{"\\ud800": "\\udfff"}',
]
ORDER = Order(address="https://www.youtube.com/watch?v=wVXAFlueS9Y", options={}, title="A talk")


# --- Maiming --------------------------------------------------------------------------------------


def hostile_answer(luck: random.Random, body) -> Answer:
    """An answer that began as `body`; at every tenth, something else altogether."""
    if luck.random() < 0.1:
        raw = luck.choice(RAW)
    else:
        raw = json.dumps(maimed(luck, body)).encode()
        raw = broken(luck, raw) if luck.random() < 0.1 else raw
    kind = luck.choice(["application/json", "text/html; charset=rot13", "", "video/mp4"])
    headers = {
        "content-type": kind,
        "retry-after": luck.choice(["", "0", "-1", "soon", "9" * 20, "1e9", "nan"]),
        "x-ratelimit-reset": luck.choice(["", "-1", "9" * 400, "2025-02-30T00:00:00Z"]),
        "x-ratelimit-limit": luck.choice(["", "inf", "60"]),
        "x-ratelimit-remaining": luck.choice(["", "nan", "-5", "1e300"]),
    }
    status = (
        200 if luck.random() < 0.85 else luck.choice([400, 401, 402, 403, 404, 409, 422, 429, 503])
    )
    return Answer(status, httpx.Headers(headers), raw)


def broken(luck: random.Random, raw: bytes) -> bytes:
    at = luck.randrange(len(raw) + 1)
    return luck.choice([raw[:at], raw[:at] + b"\x00" + raw[at:], b"\xef\xbb\xbf" + raw, raw + raw])


def maimed(luck: random.Random, body):
    """The body with one to six of its places changed, and at every twelfth one of them swollen:
    once and last, since what is repeated a thousandfold must not grow a thousandfold again."""
    body = copy.deepcopy(body)
    for _ in range(luck.choice([1, 1, 2, 3, 6])):
        body = changed(luck, body)
    return swollen(luck, body) if luck.random() < 1 / 12 else body


def swollen(luck: random.Random, body):
    if places := places_in(body):
        holder, name = luck.choice(places)
        if len(json.dumps(holder[name])) < 2_000:
            holder[name] = grown(luck, holder[name])
    return body


def changed(luck: random.Random, body):
    places = [(None, None), *places_in(body)]
    holder, name = luck.choice(places)
    value = body if holder is None else holder[name]
    if holder is not None and luck.random() < 0.15:
        del holder[name]
        return body
    new = changed_value(luck, value)
    if holder is None:
        # A whole body of another kind tells little more than once.
        return new if luck.random() < 0.2 else body
    holder[name] = new
    if isinstance(holder, dict) and luck.random() < 0.1:
        holder[luck.choice([str(name).upper(), f"{name} ", "", "__proto__"])] = new
    return body


def places_in(body):
    """Every (holder, name or place) below, at most some hundreds."""
    found, to_do = [], [body]
    while to_do and len(found) < 500:
        holder = to_do.pop()
        if isinstance(holder, dict):
            names = list(holder)
        else:
            names = range(len(holder)) if isinstance(holder, list) else []
        for name in list(names)[:50]:
            found.append((holder, name))
            to_do.append(holder[name])
    return found


def changed_value(luck: random.Random, value):
    how = luck.random()
    if how < 0.25:
        return luck.choice(SCRIPTS)
    if how < 0.5:
        return luck.choice(TEXTS)
    if how < 0.7:
        return luck.choice(NUMBERS)
    if how < 0.78:
        return luck.choice([None, True, False, [], {}, [None], {"": None}])
    if how < 0.86:
        return luck.choice([[value], {"value": value}, [[value]], str(value), [value, value]])
    return value


def grown(luck: random.Random, value):
    how = luck.random()
    if how < 0.1:
        return [value] * 5_000
    if how < 0.2:
        return {f"k{at}": value for at in range(2_000)}
    if how < 0.4:
        return "<b>" * 200_000
    return nested(200, value)


def nested(depth: int, value):
    for _ in range(depth):
        value = [value]
    return value


# --- Feeding --------------------------------------------------------------------------------------


def fed(provider, steps, luck: random.Random, bodies):
    """What a verb makes of it: its result, or the ProviderError that it raised."""
    left = list(bodies)
    try:
        next(steps)
        for _ in range(60):
            body = left.pop(0) if len(left) > 1 else left[0]
            said = hostile_answer(luck, body)
            provider.allowance_from(said)
            if said.status >= 400:
                steps.throw(provider.error_from(said))
            else:
                steps.send(said)
    except StopIteration as done:
        return done.value
    except ProviderError as error:
        return error
    steps.close()
    return None


def assert_sound(result) -> None:
    """Nothing in it is larger than it may be, or cannot be stored and shown."""
    if isinstance(result, (list, tuple)):
        assert len(result) <= 1_000
        for each in result:
            assert_sound(each)
    elif isinstance(result, dict):
        for each in result.values():
            assert_sound(each)
    elif isinstance(result, ProviderError):
        assert_text(str(result), 1_000)
        assert_text(result.code, 200)
        assert result.retry_after is None or 0 <= result.retry_after <= 90_000
    elif isinstance(result, RemoteJob):
        assert_sound_job(result)
    elif isinstance(result, Submitted):
        assert_text(result.remote_id, 255)
        assert result.remote_id
        assert_text(result.word, 100)
    elif isinstance(result, RemoteClip):
        assert_sound_clip(result)
    elif isinstance(result, RemoteFile):
        assert_address(result)
    elif isinstance(result, str):
        assert_text(result, 100_000)


def assert_sound_job(job: RemoteJob) -> None:
    assert job.state in STATES
    assert_text(job.word, 100)
    assert_text(job.stage, 400)
    assert job.progress is None or 0 <= job.progress <= 1
    assert job.cost is None or math.isfinite(job.cost.amount)
    assert job.look_again_after is None or 0 <= job.look_again_after <= 90_000
    for said in (job.failure.message, job.failure.suggestion) if job.failure else ():
        assert_text(said, 1_000)
    clips = job.clips or ()
    assert len({clip.remote_id for clip in clips}) == len(clips) <= 1_000
    for clip in clips:
        assert_sound_clip(clip)


def assert_sound_clip(clip: RemoteClip) -> None:
    assert 0 < len(clip.remote_id) < 256
    assert clip.score is None or 0 <= clip.score <= 100
    assert clip.duration is None or 0 <= clip.duration <= 1e12
    assert all(0 <= start < end <= 1e12 for start, end in clip.ranges)
    assert_text(clip.title, 500)
    for said in (clip.remote_id, clip.reason, clip.caption, clip.transcript, *clip.hashtags):
        assert_text(said, 100_000)
    for file in (clip.file, clip.poster):
        if file:
            assert_address(file)
    extra = json.dumps(clip.extra, allow_nan=False, ensure_ascii=False)
    assert_text(extra, 300_000)
    assert "\\u0000" not in extra


def assert_address(file: RemoteFile) -> None:
    assert_text(file.url, 8_000)
    assert file.url.lower().startswith(("http://", "https://"))


def assert_text(said: str, most: int) -> None:
    """Fit for any database and any page."""
    said.encode()
    assert "\x00" not in said
    assert len(said) <= most
