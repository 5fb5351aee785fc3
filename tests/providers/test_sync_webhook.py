from __future__ import annotations

import json

import pytest
from django.http import HttpHeaders

from clipboard.providers import sync_webhook
from clipboard.providers.errors import ProviderError
from clipboard.providers.sync import Sync

SECRET = "whsec_c2VjcmV0"
NOW = 1_770_000_000
BODY = json.dumps(
    {"id": "g-1", "status": "COMPLETED", "outputDuration": 4.10, "error": None, "model": "é"},
    ensure_ascii=False,
).encode()
GOOD = sync_webhook.sign(BODY, SECRET, moment=NOW)
V1 = GOOD.partition("v1=")[2]


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def check(*, body=BODY, header=GOOD, name="Sync-Signature", secret=SECRET):
    return Sync().check_webhook(body, {name: header}, secret)


def test_it_takes_a_signed_message():
    assert check() == "g-1"
    assert check(name="sync-signature") == "g-1"
    headers = HttpHeaders({"HTTP_SYNC_SIGNATURE": GOOD, "CONTENT_TYPE": "application/json"})
    assert Sync().check_webhook(BODY, headers, SECRET) == "g-1"


def test_it_knows_a_signature_made_elsewhere():
    # printf '1770000000.{"id":"g-1"}' | openssl dgst -sha256 -hmac whsec_c2VjcmV0
    known = "55a8bd94d78f492d368752f918d3bb8cd03bf85f34130e85ca0d85446f538c0c"
    assert check(body=b'{"id":"g-1"}', header=f"t=1770000000,v1={known}") == "g-1"


@pytest.mark.parametrize(
    "header",
    [
        f"t={NOW},v1={'0' * 64},v1={V1}",
        f"t={NOW},v1={V1},v1={'0' * 64}",
        f"v1={V1}, t={NOW}",
        f"t={NOW},v0=old,v1={V1.upper()},v2=new",
    ],
)
def test_it_takes_any_of_several_signatures(header):
    assert check(header=header) == "g-1"


@pytest.mark.parametrize("age", [-300, 300])
def test_it_takes_a_message_of_five_minutes(age):
    assert check(header=sync_webhook.sign(BODY, SECRET, moment=NOW - age)) == "g-1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"header": ""},
        {"header": "t=,v1="},
        {"header": f"t={NOW},v1={'0' * 64}"},
        {"header": f"t={NOW},v1={V1[:-1]}"},
        {"header": f"t={NOW},v1={V1[:-1]}é"},
        {"header": f"t={NOW},v2={V1}"},
        {"header": f"t={NOW}"},
        {"header": f"v1={V1}"},
        {"header": f"t={NOW},t={NOW},v1={V1}"},
        {"header": f"t={NOW + 1},v1={V1}"},
        {"header": f"t=+{NOW},v1={V1}"},
        {"header": f"t={NOW}.0,v1={V1}"},
        {"header": f"t={'9' * 4000},v1={V1}"},
        {"header": f"t=١٧٧٠٠٠٠٠٠٠,v1={V1}"},
        {"header": f"t={NOW},v1={V1}" + ",v1=" * 1000},
        {"header": sync_webhook.sign(BODY, SECRET, moment=NOW - 301)},
        {"header": sync_webhook.sign(BODY, SECRET, moment=NOW + 301)},
        {"header": sync_webhook.sign(BODY, "whsec_other", moment=NOW)},
        {"secret": "whsec_other"},
        {"secret": "", "header": sync_webhook.sign(BODY, "", moment=NOW)},
        {"name": "X-Signature-Primary"},
        {"body": BODY + b" "},
        {"body": b""},
        {"body": json.dumps(json.loads(BODY)).encode()},
        {"body": json.dumps(json.loads(BODY), separators=(",", ":")).encode()},
    ],
)
def test_it_refuses_what_proves_nothing(wrong):
    with pytest.raises(ProviderError) as caught:
        check(**wrong)
    assert (caught.value.kind, caught.value.code) == ("auth", "signature")


def test_it_refuses_a_header_that_comes_twice():
    with pytest.raises(ProviderError):
        Sync().check_webhook(BODY, {"Sync-Signature": GOOD, "sync-signature": GOOD}, SECRET)


def test_it_does_not_weigh_a_huge_message():
    huge = b" " * (2 * 1024 * 1024 + 1)
    with pytest.raises(ProviderError) as caught:
        check(body=huge, header=sync_webhook.sign(huge, SECRET, moment=NOW))
    assert caught.value.kind == "auth"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"id": ["g"]}',
        b'{"id": ".."}',
        b"\xff",
        b"[" * 100_000,
        b'{"id":"' + b"x" * 999,
    ],
)
def test_a_signed_message_must_name_a_job(body):
    with pytest.raises(ProviderError) as caught:
        check(body=body, header=sync_webhook.sign(body, SECRET, moment=NOW))
    assert (caught.value.kind, caught.value.code) == ("provider", "no_id")
