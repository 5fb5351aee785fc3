"""No key leaks: accounts with keys that are found again, everything that can go wrong at all five
providers, and then a search for them wherever something could have been left."""

from __future__ import annotations

import base64
import json
import logging
import time
import traceback

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clipboard.clips import tasks
from clipboard.clips.models import (
    Account,
    Clip,
    Delivery,
    Download,
    Errand,
    Job,
    JobEvent,
    RemoteCopy,
)
from clipboard.clips.webhook import webhook_url
from clipboard.providers import sync_webhook
from clipboard.providers.errors import ProviderError
from clipboard.providers.speak import carry_out_alone
from clipboard.sandbox.registry import VENDORS
from tests import factories
from tests.sandbox import leaks
from tests.sandbox.previewing import PAGE

pytestmark = pytest.mark.django_db
CANARY = "k4n4r1-0f-d34th"
KEYS = {
    "reka": f"reka-{CANARY}-0000",
    "scalereach": f"sr_live_{CANARY}-0000",
    "reelbot": f"rb_live_{CANARY}-0000",
    "sync": f"sk-{CANARY}-0000",
    "vizard": f"{CANARY}-0000",
}
OPTIONS = {
    "reka": {"prompt": "The sea"},
    "scalereach": {"config.clipType": "viral-clips"},
    "reelbot": {"videoType": "cinematic", "topic": "sea", "brollKeys": ["shared/sea.mp4"]},
    "sync": {
        "model": "lipsync-2",
        "sound": "text",
        "text.voiceId": "sandbox",
        "text.script": "The sea.",
    },
    "vizard": {},
}


def faults(key):
    """What a careless service answers: its errors repeat what they were sent, and how."""
    said = f"You sent Authorization: Bearer {key} and X-API-Key: {key}, that is {key}."
    names = ("error", "message", "detail", "reason", "code", "errMsg", "status", "title", "name")
    body = dict.fromkeys(names, said) | {"errors": [{"message": said}], "details": {"a": said}}
    headers = {"X-Echo": key, "Retry-After": key, "WWW-Authenticate": f"Bearer {key}"}
    statuses = (400, 401, 402, 404, 429, 500)
    errors = [{"status": status, "body": body, "headers": headers} for status in statuses]
    errors.append({"status": 500, "body": f"<h1>{said}</h1>"})
    errors.append({"status": 302, "headers": {"Location": f"https://a.example/?key={key}"}})
    return [
        *errors,
        {"raw": f"<h1>{said}</h1>"},
        {"replace": {name: said for name in names if name not in ("status", "code")}},
        {"hang_up": "after"},
        {"hang_up": "reset"},
    ]


class Life:
    """All that happens with one account."""

    def __init__(self, provider, sandbox, clock, team, client):
        self.provider, self.key = provider, KEYS[provider]
        self.sandbox, self.clock, self.team, self.client = sandbox, clock, team, client
        self.world = sandbox.world(provider, self.key)
        self.raised = []

    def live(self):
        self.enter_key()
        self.each_fault(self.check, every=2)
        self.each_fault(self.ask_price, every=3)
        self.each_fault(self.submit)
        job = self.submit()
        self.each_fault(lambda: self.poll(job))
        self.revive(job)
        self.clock.skip(100)
        self.poll(job)
        self.poll(job)
        self.hear_webhook(job)
        self.fetch(job)
        self.each_fault(lambda: self.raise_directly(job), every=2)
        self.each_fault(lambda: self.tidy_up(job), every=3)
        self.lose_connection(job)

    def each_fault(self, act, *, every=1):
        for does in faults(self.key)[::every]:
            self.world.clear_faults()
            self.world.add_fault(matches="", does=does, times=9)
            act()
            self.calm_down()
        self.world.clear_faults()

    def calm_down(self):
        """As if all had been put right and a day had passed."""
        self.clock.skip(3700)
        Account.objects.update(trouble="", paused_until=None)
        self.account.spent.all().delete()

    def enter_key(self):
        address = f"{reverse('account_create')}?provider={self.provider}"
        given = {"name": "Main", "key": self.key, "webhook_secret": f"whsec_{self.key}"}
        wrong = self.client.post(address, given | {"base_url": "nonsense"})
        assert wrong.status_code == 422
        self.refused = wrong.content
        given["base_url"] = self.sandbox.base_url(self.provider)
        assert self.client.post(address, given).status_code == 302
        self.account = Account.objects.get(provider=self.provider)

    def check(self):
        self.client.post(reverse("account_check", args=[self.account.pk]))

    def ask_price(self):
        options = {f"account-{self.account.pk}-{k}": v for k, v in OPTIONS[self.provider].items()}
        given = {"account": self.account.pk} | options
        self.client.post(reverse("order_estimate", args=[self.source.pk]), given)

    def submit(self):
        job = factories.make_remote_job(
            account=self.account,
            source=self.source,
            clip=self.clip if self.account.adapter.makes == "version" else None,
            state=Job.State.QUEUED,
            remote_id="",
            sent_at=None,
            options=OPTIONS[self.provider],
        )
        self.work(job)
        return job

    def work(self, job):
        """What is to be done about this job, and nothing else."""
        for model in (Job, Errand, RemoteCopy):
            waiting = model.objects.exclude(next_action_at=None)
            waiting.update(next_action_at=timezone.now(), lease_until=None)
        Job.objects.exclude(pk=job.pk).update(next_action_at=None)
        Errand.objects.exclude(job=job).update(next_action_at=None)
        tasks.speak_now()
        tasks.look_now([RemoteCopy])

    def poll(self, job):
        self.revive(job)
        self.work(job)

    def revive(self, job):
        job.refresh_from_db()
        assert job.remote_id, f"{self.provider} did not take the order: {job.error}"
        left = Job.objects.filter(pk=job.pk).exclude(state="succeeded")
        left.update(state="running", next_action_at=timezone.now(), deadline_at=None)

    def hear_webhook(self, job):
        address = webhook_url(self.account)
        if not address:
            return
        path = address.removeprefix("https://clips.example")
        body = json.dumps({"id": job.remote_id, "status": "COMPLETED", "said": self.key}).encode()
        secret = f"whsec_{self.key}"
        for value in (sync_webhook.sign(body, secret, moment=int(time.time())), f"t=1,v1={secret}"):
            headers = {"Sync-Signature": value}
            Client().post(path, body, content_type="application/json", headers=headers)
        assert Delivery.objects.filter(verdict="authentic").exists()

    def fetch(self, job):
        """Watch it and fetch it while its files and their addresses fail."""
        clip = job.clips.first()
        assert clip, f"{self.provider} made no clip: {job.error}"
        name = clip.download.url.partition("?")[0].rpartition("/")[2]
        (self.sandbox.outputs.folder / name).write_bytes(self.content)
        factories.make_share_link(clip=clip)
        files = self.sandbox.world("files", "")
        for does in faults(self.key)[::4]:
            files.clear_faults()
            files.add_fault(matches="", does=does, times=99)
            self.world.add_fault(matches="", does=does, times=9)
            rest = {"refreshed_at": None, "refreshing_until": None, "lease_until": None}
            Download.objects.update(state="waiting", next_action_at=timezone.now(), **rest)
            self.client.get(reverse("clip_preview", args=[clip.pk]), headers={"Range": "bytes=0-"})
            Download.objects.update(refreshed_at=None)
            tasks.look_now([Download])
            self.calm_down()
        files.clear_faults()

    def raise_directly(self, job):
        clip = job.clips.first()
        adapter, line = self.account.adapter, self.account.connection()
        for steps in (adapter.poll(job.remote_id), adapter.refresh(job.remote_id, clip.remote_id)):
            try:
                carry_out_alone(steps, line)
            except ProviderError as error:
                self.raised.append("".join(traceback.format_exception(error)))
                self.raised.append(f"{error!r} {vars(error)} {line!r} {self.account!r}")

    def tidy_up(self, job):
        clip = job.clips.first()
        self.client.post(reverse("favourite", args=[clip.pk]), {"on": "1"})
        for kind in Errand.Kind.values:
            Errand.objects.update_or_create(
                team=self.team,
                account=self.account,
                kind=kind,
                remote_id=job.remote_id,
                remote_clip_id=clip.remote_id,
                defaults={"job": job, "clip": clip, "next_action_at": timezone.now()},
            )
        self.work(job)

    def lose_connection(self, job):
        address = f"http://127.0.0.1:9/{self.provider}"
        given = {"name": "Main", "key": self.key, "base_url": address}
        self.client.post(reverse("account_edit", args=[self.account.pk]), given)
        self.check()
        self.poll(job)


@pytest.fixture
def lives(sandbox, clock, team, editor, sample, settings):
    settings.PUBLIC_BASE_URL = "https://clips.example"
    settings.OUTBOUND_ALLOW_HOSTS = [sandbox.netloc, "127.0.0.1:9"]
    owner = signed_in(factories.make_member(team=team, role="owner"))
    found = [Life(name, sandbox, clock, team, owner) for name in KEYS]
    content = sample.read_bytes()
    file = factories.make_file("sources/a.mp4", content)
    source = factories.make_source(team=team, origin="url", origin_url=PAGE, file=file)
    job = factories.make_job(team=team, source=source)
    for life in found:
        life.content, life.source = content, source
        life.clip = factories.make_clip(team=team, job=job, file=file)
    return found


def signed_in(person, **fields):
    for name, value in fields.items():
        setattr(person, name, value)
    person.save()
    client = Client()
    factories.sign_in(client, person)
    return client


def test_no_key_is_found_anywhere(lives, editor, team, caplog):
    assert set(KEYS) == {vendor.name for vendor in VENDORS}
    caplog.set_level(logging.DEBUG)
    for life in lives:
        life.live()
    tasks.nudge(tasks.STEPS)
    person = factories.make_member(team=team, role="owner")
    staff = signed_in(person, is_staff=True, is_superuser=True)

    shown = {
        "log": caplog.text.encode(),
        "exceptions": "\n".join(text for life in lives for text in life.raised).encode(),
        "refused forms": b"".join(life.refused for life in lives),
        **{f"owner {path}": page for path, page in leaks.pages(lives[0].client).items()},
        **{f"editor {path}": page for path, page in leaks.pages(signed_in(editor)).items()},
        **{f"guest {path}": page for path, page in leaks.pages(Client(), public=True).items()},
        **leaks.admin_pages(staff),
    }
    kept = leaks.tables() | leaks.files()

    assert [place for place, found in (shown | kept).items() if leaks.is_in(found, CANARY)] == []
    assert [place for place, found in shown.items() if b"&signature=" in found] == []
    assert leaks.are_filled(Account, Clip, Delivery, Download, Errand, Job, JobEvent)
    assert len(shown) > 120
    told = kept["clips_jobevent"].decode()
    assert "You sent Authorization: …" in told, "what they repeat is kept, without the key"
    assert Clip.objects.filter(download__isnull=False).values("provider").distinct().count() == 5


def test_the_search_finds_what_is_there():
    for text in (CANARY, CANARY.encode().hex(), CANARY.upper(), f"a {CANARY} b"):
        assert leaks.is_in(text, CANARY)
        assert leaks.is_in(base64.b64encode(f"xy{text}z".encode()), text)
    assert not leaks.is_in("k4n4r1", CANARY)
