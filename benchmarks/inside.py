"""What only the product itself can tell the benchmark: a session, and the statements of a page."""

from __future__ import annotations

import json
import sys

import django


def session() -> str:
    from django.test import Client

    from clipboard.teams.models import User

    client = Client()
    owner = User.objects.get(email="owner@example.org")
    client.force_login(owner, backend="clipboard.teams.backend.MemberBackend")
    return client.cookies["sessionid"].value


def statements(paths: dict[str, str]) -> dict[str, int]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="localhost")
    client.cookies["sessionid"] = session()
    counted = {}
    for name, path in paths.items():
        headers = {} if name == "first load" else {"HX-Request": "true"}
        connection.ensure_connection()
        with CaptureQueriesContext(connection) as seen:
            client.get(path, headers=headers)
        counted[name] = len(seen)
    return counted


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "session":
        print(session())
    else:
        print(json.dumps(statements(json.loads(sys.argv[2]))))
