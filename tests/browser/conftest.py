"""A real Chromium for tests. Whatever the browser complains about fails the test that made it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client, override_settings
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.patience import PATIENCE
from tests.browser.playing import clip, complaints, recording, show  # noqa: F401 - fixtures
from tests.install import light_chromium
from tests.sandbox.conftest import clock, sample, sandbox  # noqa: F401 - fixtures

# Playwright's loop runs in this thread; Django would take every query for one inside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
HERE = Path(__file__).parent
CHROMIUM = light_chromium()
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-component-update",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
    # No page is open for so long that compiling its scripts a third time would pay.
    "--js-flags=--no-maglev,--no-opt",
)
SIZES = {"desktop": (1440, 900), "tablet": (820, 1180), "phone": (390, 844)}


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM and os.environ.get("REQUIRE_ALL") != "1":
                item.add_marker(pytest.mark.skip(reason="needs Chromium: apt-get install chromium"))


@pytest.fixture(scope="session", autouse=True)
def patient():
    expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    assert CHROMIUM, "REQUIRE_ALL=1 needs Chromium: apt-get install chromium"
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": list(QUIET)}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    """What moves only to be looked at costs more than the product."""
    return browser_context_args | {"reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def as_served(prepared):
    """Settings with which static files are bundled, as in production."""
    bundled = {"BACKEND": "clipboard.static_bundle.BundledStaticFilesStorage"}
    return {
        "STATIC_ROOT": prepared / "static",
        "STORAGES": django_settings.STORAGES | {"staticfiles": bundled},
        "WHITENOISE_AUTOREFRESH": False,
    }


@pytest.fixture(scope="session")
def live_server(as_served):
    """The site with its middleware handing out static files, as in production."""
    server = LiveServer("localhost", start=False)
    server.thread.static_handler = lambda application: application
    with override_settings(**as_served):
        server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def bundled(as_served):
    with override_settings(**as_served):
        yield


class Problems(list[str]):
    """What browsers said that they should not: scripts' errors, refused or missing resources."""

    excused: tuple[str, ...] = ()

    def excuse(self, *words):
        """Let a test provoke what is told in these words, however late the browser tells it."""
        self.excused += words

    def unexcused(self):
        return [one for one in self if not any(words in one for words in self.excused)]


@pytest.fixture
def problems():
    return Problems()


@pytest.fixture
def open_page(browser, live_server, problems):
    """open_page("/clips/", by=editor, theme="light", size="phone") → a Playwright page.

    After the test, anything in `problems` fails it but what the test has excused.
    """
    contexts = []

    def opened(path, *, by=None, theme="dark", size="desktop"):
        context = browser.new_context(
            base_url=live_server.url,
            viewport=dict(zip(("width", "height"), SIZES[size], strict=True)),
            color_scheme=theme,
            has_touch=size != "desktop",
            is_mobile=size == "phone",
            reduced_motion="reduce",
        )
        contexts.append(context)
        if by:
            context.add_cookies([session_cookie(by, live_server.url)])
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        watch(page, problems)
        if path:
            page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not problems.unexcused()


def watch(page, problems):
    page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda message: (
            problems.append(f"{page.url}: {message.text}")
            if message.type in ("error", "warning")
            else None
        ),
    )


def session_cookie(person, url):
    client = Client()
    client.force_login(person, backend="clipboard.teams.backend.MemberBackend")
    name = django_settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}


@pytest.fixture
def signed_in_page(open_page, editor):
    return open_page("/sources/", by=editor)
