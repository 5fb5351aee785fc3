"""What tests of ordering share: the form as a browser sends it."""

from __future__ import annotations

from django.urls import reverse

from tests import factories

CINEMATIC = {"videoType": "cinematic", "topic": "sea", "brollKeys": "shared/sea.mp4"}
HTMX = {"HX-Request": "true"}


def make_source(team):
    return factories.make_source(team=team, file=factories.make_file("sources/a.mp4"))


def given(*accounts, options=CINEMATIC, **more):
    fields = {
        f"account-{one.pk}-{name}": value for one in accounts for name, value in options.items()
    }
    return {"account": [one.pk for one in accounts]} | fields | more


def post(client, name, source, data, **headers):
    return client.post(reverse(name, args=[source.pk]), data, headers=headers)
