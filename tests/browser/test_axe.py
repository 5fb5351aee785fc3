"""Every page in both looks and on both kinds of screen: nothing that axe-core objects to, nothing
that the content security policy has to stop, nothing wider than the screen."""

from __future__ import annotations

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from tests.browser.conftest import Problems, session_cookie, watch
from tests.browser.patience import PATIENCE
from tests.routes import ROUTES, address, make_rows

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = sorted(name for name, route in ROUTES.items() if route.page and name != "home")
SIGNED_OUT = {"login", "login_link", "share_page"}
# What a page is made of, two looks tell; what it looks like is asked in all four.
EVERYTHING = {}
LOOKS_ALONE = {"runOnly": ["color-contrast", "link-in-text-block", "target-size"]}
LOOKS = [
    ("dark", 1440, EVERYTHING),
    ("light", 1440, LOOKS_ALONE),
    ("light", 390, EVERYTHING),
    ("dark", 390, LOOKS_ALONE),
]
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
OPTIONS = {"resultTypes": ["violations"], "preload": False}  # it would fetch @imports wrongly
AXE = Axe().axe_script
ASK = "options => axe.run(options).then(results => results.violations)"


@pytest.fixture(scope="module")
def heard():
    return Problems()


@pytest.fixture(scope="module")
def tab(browser, live_server, heard):
    """One for all of these: each would be another process, and would be given axe anew."""
    context = browser.new_context(base_url=live_server.url, reduced_motion="reduce")
    context.add_init_script(AXE)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    watch(page, heard)
    yield page
    context.close()


@pytest.fixture
def problems(heard):
    heard.clear()
    heard.excused = ()
    return heard


@pytest.fixture
def open_page(tab, live_server, problems):
    """As everywhere, but always in the same tab, which forgets who was there before."""

    def opened(path, *, by=None, theme="dark"):
        tab.emulate_media(color_scheme=theme)
        tab.set_viewport_size({"width": 1440, "height": 900})
        if by:
            tab.context.add_cookies([session_cookie(by, live_server.url)])
        tab.goto(path)
        return tab

    yield opened
    assert not problems.unexcused()
    tab.goto("/healthz")
    tab.evaluate("localStorage.clear(), sessionStorage.clear()")
    tab.context.clear_cookies()


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_accessible_and_fits(name, open_page, team, editor):
    rows = make_rows(team, editor)
    by = None if name in SIGNED_OUT else editor
    if ROUTES[name].admins or name == "account_list":
        editor.memberships.update(role="owner")

    page = open_page(address(name, rows), by=by)
    for theme, width, rules in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 844})
        assert_accessible(page, f"{name}, {theme}, {width} px", **rules)
        assert not page.evaluate(WIDER), f"{name} is wider than {width} px"


@pytest.mark.parametrize("path", ["/sources/", "/clips/", "/jobs/", "/shared/", "/providers/"])
def test_every_empty_page_is_accessible(path, open_page, editor):
    page = open_page(path, by=editor, theme="light")

    assert_accessible(page, path)


def test_what_opens_over_the_page_is_accessible(signed_in_page):
    page = signed_in_page

    page.keyboard.press("?")
    assert_accessible(page, "keys")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="North").click()
    assert_accessible(page, "menu")
    page.keyboard.press("Escape")
    toast = """() => document.dispatchEvent(new CustomEvent("clipboard:toast",
      {detail: {text: "Done", undo: {url: "/sources/"}}}))"""
    page.evaluate(toast)
    assert_accessible(page, "toast")


def test_pages_that_say_what_went_wrong_are_accessible(open_page, editor, problems):
    problems.excuse("status of 404")
    page = open_page("/nothing-here/", by=editor)
    assert_accessible(page, "404")
    page.goto(reverse("login_link", args=["used-up"]))
    assert_accessible(page, "link gone")


def test_the_admin_site_runs_under_the_policy(open_page, team, editor):
    editor.is_staff = editor.is_superuser = True
    editor.save()
    rows = make_rows(team, editor)

    page = open_page("/admin/", by=editor)
    for path in (
        reverse("admin:clips_job_changelist"),
        reverse("admin:clips_source_change", args=[rows.source]),
        reverse("admin:teams_user_change", args=[editor.pk]),
        reverse("admin:teams_team_change", args=[team.pk]),
    ):
        page.goto(path)


def assert_accessible(page, where, **rules):
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate(ASK, OPTIONS | rules)
    assert not found, f"{where}\n{AxeResults({'violations': found}).generate_report()}"
