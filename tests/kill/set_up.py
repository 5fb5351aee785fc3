"""Run with the product's settings: accounts at the sandbox, and what is ordered from there.

`python -m tests.kill.set_up` reads JSON {origin, file, accounts: {name: [provider, key]}} from
stdin, and prints what was made of it, {accounts: {name: id}, page, nothing, clip}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import django

django.setup()

from clipboard.clips.models import Source  # noqa: E402
from clipboard.teams.models import Team  # noqa: E402
from tests import factories  # noqa: E402

PAGE = "https://www.youtube.com/watch?v="


def set_up(wanted):
    team = Team.objects.get()
    content = Path(wanted["file"]).read_bytes()

    def source(name):
        """Both a file and a page: whatever a provider takes."""
        return factories.make_source(
            team=team,
            title=name,
            duration=2.0,
            origin=Source.Origin.URL,
            origin_url=f"{PAGE}{name}",
            file=factories.make_file(f"sources/{name}.mp4", content),
        )

    page, nothing = source("two-seconds"), source("nothing-to-see")
    job = factories.make_job(team=team, source=page)
    clip = factories.make_clip(team=team, job=job, start=0, end=2, duration=2)
    type(clip).objects.filter(pk=clip.pk).update(file=factories.make_file("clips/a.mp4", content))
    accounts = {
        name: account(team, name, provider, key, wanted["origin"])
        for name, (provider, key) in wanted["accounts"].items()
    }
    return {"accounts": accounts, "page": page.pk, "nothing": nothing.pk, "clip": clip.pk}


def account(team, name, provider, key, origin):
    made = factories.make_account(
        team=team, name=name, provider=provider, key=key, base_url=f"{origin}/{provider}"
    )
    if made.adapter.has_webhooks:
        made.keep_webhook_secret(f"whsec_{key}")
        made.save()
    return made.pk


sys.stdout.write(json.dumps(set_up(json.load(sys.stdin))))
