"""Everything that can go wrong on the way to a provider and back.

A mishap is told in the sandbox's own words for faults (clipboard/sandbox/wire.py), with three more:
"after": the request has been carried out all the same; "lost": how the connection ends without an
answer (refused, broken, timeout); "word" and "list": what is said of the job and of its clips.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from clipboard.sandbox.vendor import iso

Does = dict[str, Any]
HTML = "<html><body>Bad gateway</body></html>"
LIKELY, USUAL, RARE = 4, 2, 1


@dataclass(frozen=True)
class Mishap:
    name: str
    does: Does


NO_ANSWER = [
    ("refused", {"lost": "refused"}, USUAL),
    ("broken before", {"lost": "broken"}, USUAL),
    ("timed out before", {"lost": "timeout"}, USUAL),
    ("reset in TLS", {"lost": "tls"}, RARE),
]
SILENT_AFTER = [
    ("answer lost", {"lost": "broken", "after": True}, LIKELY),
    ("timed out after", {"lost": "timeout", "after": True}, LIKELY),
]
NONSENSE = [
    ("HTML with 200", {"raw": HTML}, USUAL),
    ("truncated JSON", {"part": 0.5}, USUAL),
    ("cut short", {"cut": 0.5}, USUAL),
    ("empty 200", {"raw": ""}, RARE),
    ("empty object", {"raw": "{}"}, USUAL),
    ("null", {"raw": "null"}, RARE),
    ("too deep", {"raw": "[" * 100_000}, RARE),
    ("too large", {"pad": 3_000_000}, RARE),
    ("said to be compressed", {"headers": {"Content-Encoding": "gzip"}}, RARE),
    ("other types", {"types": True}, USUAL),
]
FAULTS = [(f"{code} page", {"status": code, "body": HTML}, USUAL) for code in (500, 502, 503, 504)]
ASK_STATUSES = [
    ("401", {"status": 401, "body": {"error": "Unauthorized"}}, RARE),
    ("404", {"status": 404, "body": {"error": "not found"}}, USUAL),
    ("408", {"status": 408}, RARE),
    ("409", {"status": 409}, RARE),
    ("redirect", {"status": 302, "headers": {"Location": "http://169.254.169.254/"}}, RARE),
]
ORDER_STATUSES = [
    *((str(code), {"status": code, "body": {"message": "No."}}, RARE)
      for code in (400, 401, 402, 403, 404, 409, 422)),
    ("408", {"status": 408}, RARE),
    ("408 after", {"status": 408, "after": True}, RARE),
    ("425", {"status": 425}, RARE),
    ("redirect", {"status": 307, "headers": {"Location": "https://elsewhere.example/"}}, RARE),
]  # fmt: skip
SAID_OF_JOBS = [
    ("still running", {"word": "running"}, LIKELY),
    ("unknown word", {"word": "defragmenting"}, USUAL),
    ("wrongly failed", {"word": "failed"}, RARE),
    ("clips reversed", {"list": "reversed"}, LIKELY),
    ("clips doubled", {"list": "doubled"}, LIKELY),
    ("clips missing", {"list": "shorter"}, USUAL),
]
FILES = [
    ("file 403", {"status": 403, "body": "<Error/>"}, USUAL),
    ("file 404", {"status": 404}, USUAL),
    ("file 410", {"status": 410}, USUAL),
    ("file 500", {"status": 500}, USUAL),
    ("file 429", {"status": 429, "headers": {"Retry-After": "20"}}, RARE),
    ("file cut, length told", {"cut": 0.6}, LIKELY),
    *((f"file cut at {cut}, no length", {"cut": cut, "no_length": True}, USUAL)
      for cut in (0.3, 0.6, 0.97)),
    ("page instead of file", {"raw": HTML}, USUAL),
    ("page told as such", {"raw": HTML, "headers": {"Content-Type": "text/html"}}, USUAL),
    ("empty file", {"raw": ""}, RARE),
    ("file changed", {"changed": True}, USUAL),
    ("file redirected away", {"status": 302, "headers": {"Location": "http://10.0.0.1/a"}}, RARE),
    ("file redirected for ever", {"round": True}, RARE),
]  # fmt: skip
AFTER = [(f"{name}, taken", {**does, "after": True}, weight) for name, does, weight in FAULTS]
CATALOGUE = {
    "order": [*NO_ANSWER, *SILENT_AFTER, *NONSENSE, *FAULTS, *AFTER, *ORDER_STATUSES],
    "ask": [*NO_ANSWER, *SILENT_AFTER, *NONSENSE, *FAULTS, *ASK_STATUSES, *SAID_OF_JOBS],
    "list": [*NO_ANSWER, *NONSENSE, *FAULTS, *ASK_STATUSES],
    "file": [*NO_ANSWER, *SILENT_AFTER, *FILES],
}


def draw(rng: random.Random, kind: str, vendor: str) -> Mishap:
    """For a request of that kind: "order", "ask" (after a job), "list" (of jobs) or "file"."""
    if kind != "file" and rng.random() < 0.15:
        return slowed(rng, vendor)
    listed = CATALOGUE[kind]
    name, does, _ = rng.choices(listed, [weight for *_, weight in listed])[0]
    return Mishap(f"{kind}: {name}", does)


def slowed(rng: random.Random, vendor: str) -> Mishap:
    """A limit reached, told in one of the shapes that are about."""
    if vendor == "vizard" and rng.random() < 0.5:
        return Mishap("429: Vizard's code", {"status": 200, "body": {"code": 4003}})
    now = time.time()
    shapes: dict[str, tuple[Does, Does]] = {
        "seconds": ({"Retry-After": "7"}, {}),
        "date": ({"Retry-After": formatdate(now + 20, usegmt=True)}, {}),
        "zero": ({"Retry-After": "0"}, {}),
        "negative": ({"Retry-After": "-5"}, {}),
        "ten years": ({"Retry-After": "315360000"}, {}),
        "year 9999": ({"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}, {}),
        "words": ({"Retry-After": "soon"}, {}),
        "nothing": ({}, {}),
        "reset, seconds": ({"x-ratelimit-requests-reset": "9"}, {}),
        "reset, Unix": ({"X-RateLimit-Reset": str(int(now) + 9)}, {}),
        "reset, ISO": ({}, {"code": "RATE_LIMITED", "details": {"resetAt": iso(now + 9)}}),
        "in the body": ({}, {"errorCode": "concurrency_limit_reached", "retryAfterSeconds": 5}),
    }
    name = rng.choice(list(shapes))
    headers, body = shapes[name]
    return Mishap(f"429: {name}", {"status": 429, "headers": headers, "body": body})
