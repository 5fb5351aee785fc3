"""`make demo`, as a newcomer meets it: ordered at four providers, watched, mended, compared."""

from __future__ import annotations

import re
import subprocess
import sys

import httpx
import pytest
from playwright.sync_api import expect

from clipboard.clips import demo
from tests import recordings
from tests.browser.conftest import watch
from tests.browser.patience import PATIENCE, WORK
from tests.running import ROOT, begin_with, free_port, product_environment, running_product

pytestmark = [
    pytest.mark.kill,
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="processes are told apart by /proc"),
]
WHY = "The footage shared/b-roll/sea.mp4 is not in your library."


# The demonstration's recording, here before it: a short one, which no engine has to look at.
RECORDING = """
import sys
import django
django.setup()
from pathlib import Path
from django.core.management import call_command
from clipboard.clips import demo
from clipboard.teams.models import Team
from tests import factories
call_command("setup")
factories.make_source(
    team=Team.objects.get(), title=demo.SAMPLE_TITLE, origin="url", origin_url=demo.PAGE,
    duration=6.0, file=factories.make_file("sources/a.mp4", Path(sys.argv[1]).read_bytes()),
)
"""


@pytest.fixture(scope="module")
def product(tmp_path_factory, prepared):
    folder = tmp_path_factory.mktemp("demo")
    port, sandbox_port = str(free_port()), str(free_port())
    file = recordings.make(folder / "recording.mp4", seconds=6)
    env = {"SANDBOX": "1", "SANDBOX_PORT": sandbox_port, "PORT": port, "SANDBOX_SAMPLE": str(file)}
    begin_with(prepared, folder / "prepared")
    add_recording(folder / "prepared", file)
    with running_product(folder, prepared=folder / "prepared", env=env) as product:
        product.base_url = f"http://127.0.0.1:{port}"  # as its sign-in link has it
        product.control = f"http://127.0.0.1:{sandbox_port}/control"
        yield product


def add_recording(var_dir, file):
    subprocess.run(
        [sys.executable, "-c", RECORDING, str(file)],
        cwd=ROOT,
        env=product_environment()
        | {"DJANGO_SETTINGS_MODULE": "clipboard.settings", "VAR_DIR": str(var_dir)},
        check=True,
        timeout=60,
    )


@pytest.fixture
def page(browser, product, problems):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.set_default_navigation_timeout(WORK)  # beside four providers, the engine and its workers
    watch(page, problems)
    yield page
    context.close()
    assert not problems


def test_everything_is_alive_without_a_key_and_nothing_is_left_of_it(page, product):
    sign_in(page, product.login_link)
    product.wait_until(lambda: ordered_by_itself(product), "the demonstration's own orders")
    refuse_next_order(product)
    order_at_three(page)
    page.evaluate("window.isStillHere = true")

    look_again(page, "ScaleReach", "The wisest")
    comes_to(job(page, "ScaleReach: Sandbox", "The wisest"), re.compile(r"\d\s?%"))
    failed = job(page, "ReelBot: Sandbox", "The sea")
    comes_to(failed, "Failed")
    expect(failed).to_contain_text(WHY)
    failed.get_by_role("button", name="Try again").click()
    for title, words in (("ScaleReach", "The wisest"), ("ReelBot", "The sea")):
        comes_to(job(page, f"{title}: Sandbox", words), "Done")
    look_again(page, "Reka", "The age")
    comes_to(job(page, "Reka: Sandbox", "The age"), "Done")
    assert page.evaluate("window.isStillHere"), "it was watched without reloading"

    order_a_version(page, product)
    newest = page.locator(".job").first
    expect(newest).to_contain_text("sync.so: Sandbox")
    comes_to(newest, "Done")
    page.goto(f"{product.base_url}/clips/")
    cards = page.locator(".clip-card__state")
    for name in ("Reka", "ScaleReach", "ReelBot", "sync.so"):
        expect(cards.filter(has_text=name).first).to_be_visible()
    page.locator(".filter__more summary").click()
    page.get_by_label("Provider").select_option("scalereach")
    page.wait_for_url("**provider=scalereach**")
    expect(cards.filter(has_not_text="ScaleReach")).to_have_count(0)
    expect(cards.first).to_be_visible()

    page.close()
    assert product.stop() < 10
    product.wait_until_nothing_is_left()


def sign_in(page, link):
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Sample: A tale of two cities").first.click()


def ordered_by_itself(product):
    ledger = httpx.get(f"{product.control}/ledger", timeout=60).json()
    return {"reka", "scalereach", "reelbot"} <= {row["vendor"] for row in ledger}


def refuse_next_order(product):
    refusal = {"success": False, "code": "VALIDATION_ERROR", "message": WHY}
    fault = {"vendor": "reelbot", "key": demo.KEYS["reelbot"], "matches": "POST /api/v1/video/"}
    does = {"does": {"status": 400, "body": refusal}}
    assert httpx.post(f"{product.control}/faults", json=fault | does, timeout=60).status_code == 200


def order_at_three(page):
    for name in ("Reka", "ScaleReach", "ReelBot"):
        choose(page, name)
    line(page, "Reka").get_by_label("What to look for").fill("The age of foolishness")
    line(page, "Reka").get_by_label("Clips", exact=True).fill("1")
    line(page, "ScaleReach").get_by_label("Instructions").fill("The wisest words")
    line(page, "ScaleReach").get_by_label("To (s)").fill("6")
    line(page, "ReelBot").get_by_label("Kind").select_option("cinematic")
    line(page, "ReelBot").get_by_label("Topic").fill("The sea between")
    line(page, "ReelBot").get_by_label("Footage").fill("shared/b-roll/sea.mp4")
    send(page)


def look_again(page, title, words):
    """Rather than when the provider would like to be asked."""
    button = job(page, f"{title}: Sandbox", words).get_by_role("button", name="Look again")
    button.click(timeout=WORK)


def order_a_version(page, product):
    """Of a clip that ReelBot made, whose file is here by now."""
    ready = "SELECT 1 FROM clips_clip WHERE provider = 'reelbot' AND status = 'completed'"
    product.wait_until(lambda: product.rows(ready), "a clip of ReelBot's")
    page.goto(f"{product.base_url}/clips/?provider=reelbot&status=completed")
    page.goto(product.base_url + page.locator(".clip-card__title a").first.get_attribute("href"))
    choose(page, "sync.so")
    line(page, "sync.so").get_by_label("Model").first.select_option("lipsync-2")
    line(page, "sync.so").get_by_label("What the lips follow").select_option("text")
    line(page, "sync.so").get_by_label("Voice", exact=True).fill("sandbox")
    line(page, "sync.so").get_by_role("textbox", name="Script").fill("The season of light")
    send(page)


def choose(page, name):
    page.locator(".order .chip", has_text=name).click()
    line(page, name).wait_for()


def line(page, name):
    return page.locator(".order__line", has_text=f"{name}: Sandbox")


def send(page):
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/jobs/")


def comes_to(row, words):
    """As the page tells by itself, once workers and the provider have done what they do."""
    expect(row).to_contain_text(words, timeout=WORK)


def job(page, account, words):
    return page.locator(".job", has_text=account).filter(has_text=words)
