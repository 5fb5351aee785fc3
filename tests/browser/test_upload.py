"""Recordings get in by the browser: dropped, paused, cut off, gone on with."""

from __future__ import annotations

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from clipboard.clips import tasks
from clipboard.clips.models import Source
from clipboard.media.models import Upload
from tests.browser.conftest import session_cookie
from tests.browser.patience import WORK
from tests.media.web import running_web

pytestmark = pytest.mark.django_db(transaction=True)
DROP = """([name, size]) => {
  const files = new DataTransfer();
  files.items.add(new File([new Uint8Array(size).fill(65)], name, {type: "video/mp4"}));
  const drop = (kind) => document.querySelector("h1").dispatchEvent(
    new DragEvent(kind, {dataTransfer: files, bubbles: true, cancelable: true}));
  drop("dragenter");
  drop("dragover");
  const shown = !document.getElementById("drop").hidden;
  drop("drop");
  return shown;
}"""
# Of the uploads whose files the browser keeps hold of, the addresses.
KEPT = """(async () => {
  const asked = indexedDB.open("uploads", 1);
  await new Promise((done) => { asked.onsuccess = done; });
  const keys = asked.result.transaction("files").objectStore("files").getAllKeys();
  await new Promise((done) => { keys.onsuccess = done; });
  asked.result.close();
  return keys.result;
})()"""
NOTHING_KEPT = KEPT + ".then((kept) => kept.length === 0)"
PICKER = """async (size) => {
  const folder = await navigator.storage.getDirectory();
  const handle = await folder.getFileHandle("Picked.mp4", {create: true});
  const out = await handle.createWritable();
  await out.write(new Uint8Array(size));
  await out.close();
  window.showOpenFilePicker = async () => [handle];
}"""
UNSURE = """(() => {
  let answer = "prompt";
  FileSystemHandle.prototype.queryPermission = async () => answer;
  FileSystemHandle.prototype.requestPermission = async () => (answer = "granted");
})()"""
MB = 1024 * 1024
# Bytes a second of a line on which 20 MB are far from through, however late a test looks.
SLOW = MB // 2


@pytest.fixture(autouse=True)
def no_work(monkeypatch):
    """These are about the way in; what comes after has its own tests."""
    monkeypatch.setattr(tasks, "look_later", lambda: None)


def drop(page, name, size):
    assert page.evaluate(DROP, [name, size]), "nothing shows that files may be dropped"


def drop_from_disk(page, file):
    """As from a file manager, so that the browser knows where the file lies."""
    tools = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        tools.send("Input.dispatchDragEvent", {"type": kind, "x": 400, "y": 60, "data": data})


def test_a_dropped_recording_becomes_a_source(signed_in_page, editor):
    drop(signed_in_page, "Monday talk.mp4", 3 * MB)

    card = signed_in_page.locator(".source", has_text="Monday talk")
    expect(card).to_be_visible()
    expect(signed_in_page.locator(".upload")).to_have_count(0)
    source = Source.objects.get()
    assert (source.size, source.added_by) == (3 * MB, editor)
    assert source.upload.path.stat().st_size == 3 * MB


def test_it_sends_the_options_along(signed_in_page):
    signed_in_page.get_by_text("Options", exact=True).click()
    signed_in_page.get_by_label("1:1 square").check()
    signed_in_page.get_by_label("How many, at most").fill("3")
    drop(signed_in_page, "Square.mp4", 10)

    expect(signed_in_page.locator(".source")).to_have_count(1)
    assert Source.objects.get().jobs.get().options == {"count": 3, "aspect": "1:1"}


def test_it_pauses_and_goes_on(signed_in_page, network):
    network.slow()
    drop(signed_in_page, "Long.mp4", 20 * MB)
    signed_in_page.get_by_role("button", name="Pause").click()
    expect(signed_in_page.locator(".upload__says")).to_contain_text("Paused")
    signed_in_page.get_by_role("button", name="Continue").click()
    network.fast()

    expect(signed_in_page.locator(".source", has_text="Long")).to_be_visible()


def test_it_goes_on_by_itself_after_a_cut(signed_in_page, network, problems):
    problems.excuse("ERR_INTERNET_DISCONNECTED", "htmx:")
    network.slow()
    drop(signed_in_page, "Cut.mp4", 20 * MB)
    expect(signed_in_page.locator(".upload__says")).to_contain_text("left")
    network.cut()
    expect(signed_in_page.locator(".upload__says")).to_contain_text("Trying again")
    network.fast()

    expect(signed_in_page.locator(".source", has_text="Cut")).to_be_visible()
    assert Source.objects.get().upload.path.stat().st_size == 20 * MB


def test_several_at_once_go_on_after_the_server_was_killed(browser, tmp_path, prepared):
    """On the real server: 5 files, 3 of them side by side."""
    for number in range(5):
        (tmp_path / f"Take {number}.mp4").write_bytes(b"x" * (6 * MB + number))
    with running_web(tmp_path / "web", prepared=prepared) as web:
        page = browser.new_context(base_url=web.base_url, reduced_motion="reduce").new_page()
        page.goto(web.fresh_login_link(), timeout=WORK)
        page.get_by_role("main").get_by_role("button").click()
        network = Network(page)
        network.slow()
        page.locator("#uploads:not([hidden])").wait_for(state="attached")  # the script listens
        page.set_input_files("#source-file", sorted(tmp_path.glob("*.mp4")))
        expect(page.locator(".upload[data-state=sending]")).to_have_count(3)
        expect(page.locator(".upload__says", has_text="left").first).to_be_visible()
        web.kill()
        web.start()
        network.fast()

        # The page tries again after seconds, the longer the longer nobody has answered.
        expect(page.locator(".source")).to_have_count(5, timeout=WORK)
        sizes = web.rows("SELECT size FROM clips_source ORDER BY size")
        page.context.close()
    assert [size for (size,) in sizes] == [6 * MB + number for number in range(5)]


def test_the_same_file_goes_on_after_a_reload(open_page, editor, team):
    upload = Upload.objects.create(
        team=team, user=editor, file_name="Half.mp4", size=4 * MB, offset=MB
    )
    upload.path.parent.mkdir(parents=True, exist_ok=True)
    upload.path.write_bytes(b"B" * MB)
    page = open_page("/sources/", by=editor)
    expect(page.locator(".upload__says")).to_have_text(re.compile("Stopped at 25% of 4.2 MB"))
    drop(page, "Half.mp4", 4 * MB)

    expect(page.locator(".source", has_text="Half")).to_be_visible()
    assert Upload.objects.count() == 1
    assert upload.path.read_bytes() == b"B" * MB + b"A" * 3 * MB


@pytest.fixture
def cut_short(problems):
    """Asked too soon where to go on, the server has yet to write what came before the cut: the
    browser tells of its 409, after which the page asks again."""
    problems.excuse("status of 409")


@pytest.fixture
def network(signed_in_page):
    return Network(signed_in_page)


@pytest.fixture
def begun(signed_in_page, network, tmp_path, cut_short):
    """A page on which a real file was dropped, and is not through yet."""
    file = tmp_path / "Begun.mp4"
    file.write_bytes(b"x" * 20 * MB)
    network.slow()
    drop_from_disk(signed_in_page, file)
    expect(signed_in_page.locator(".upload__says")).to_contain_text("left")
    return file


def test_it_goes_on_by_itself_after_a_reload(signed_in_page, begun, network):
    signed_in_page.on("dialog", lambda dialog: dialog.accept())
    signed_in_page.reload()
    network.fast()

    expect(signed_in_page.locator(".source", has_text="Begun")).to_be_visible()
    assert Upload.objects.get().path.read_bytes() == begun.read_bytes()
    signed_in_page.wait_for_function(NOTHING_KEPT)


def test_it_does_not_go_on_with_a_file_that_has_changed(signed_in_page, begun):
    signed_in_page.on("dialog", lambda dialog: dialog.accept())
    signed_in_page.goto("/clips/")
    begun.write_bytes(b"y" * 20 * MB)
    signed_in_page.goto("/sources/")

    expect(signed_in_page.get_by_role("button", name="Choose the file")).to_be_visible()
    signed_in_page.wait_for_function(NOTHING_KEPT)
    assert not Source.objects.exists()


def test_it_asks_where_the_browser_wants_to_be_asked(signed_in_page, begun, network):
    signed_in_page.on("dialog", lambda dialog: dialog.accept())
    signed_in_page.add_init_script(UNSURE)
    signed_in_page.reload()
    expect(signed_in_page.locator(".upload__says")).to_contain_text("Continue to go on from there")
    signed_in_page.get_by_role("button", name="Continue").click()
    network.fast()

    expect(signed_in_page.locator(".source", has_text="Begun")).to_be_visible()


def test_a_second_tab_leaves_the_upload_to_the_first(signed_in_page, begun, network):
    second = signed_in_page.context.new_page()
    second.goto("/sources/")
    expect(second.locator(".upload__says")).to_have_text("Another tab is sending this.")
    network.fast()

    expect(second.locator(".source", has_text="Begun")).to_be_visible()
    expect(second.locator(".upload")).to_have_count(0)


def test_what_was_picked_and_paused_waits_after_a_reload(signed_in_page, network, cut_short):
    """The picker gives a handle; here of a file that the browser itself keeps."""
    signed_in_page.evaluate(PICKER, 20 * MB)
    network.slow()
    signed_in_page.get_by_label("Drop recordings here").click()
    expect(signed_in_page.locator(".upload__says")).to_contain_text("left")
    signed_in_page.get_by_role("button", name="Pause").click()
    signed_in_page.reload()
    network.fast()
    signed_in_page.get_by_role("button", name="Continue").click()

    expect(signed_in_page.locator(".source", has_text="Picked")).to_be_visible()


def test_it_goes_on_after_signing_in_again(
    signed_in_page, begun, network, editor, problems, live_server
):
    problems.excuse("status of 401")
    Session.objects.all().delete()
    network.fast()
    expect(signed_in_page.locator(".upload__says")).to_contain_text("Sign in again")
    signed_in_page.get_by_role("button", name="Sign in").click()
    expect(signed_in_page).to_have_url(re.compile("/sign-in/"))
    signed_in_page.context.add_cookies([session_cookie(editor, live_server.url)])
    signed_in_page.goto("/sources/")

    expect(signed_in_page.locator(".source", has_text="Begun")).to_be_visible()


def test_an_upload_is_given_up(open_page, editor, team):
    upload = Upload.objects.create(team=team, user=editor, file_name="No.mp4", size=40, offset=10)
    upload.path.parent.mkdir(parents=True, exist_ok=True)
    upload.path.write_bytes(b"B" * 10)
    page = open_page("/sources/", by=editor)
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        page.get_by_role("button", name="Give up the upload of No.mp4").click()

    expect(page.locator(".upload")).to_have_count(0)
    assert not Upload.objects.exists()


def test_an_empty_file_is_refused_in_words(signed_in_page):
    drop(signed_in_page, "Nothing.mp4", 0)

    expect(signed_in_page.locator(".upload__says")).to_contain_text("This file is empty")


def test_it_waits_for_the_line_where_even_the_script_has_not_come(signed_in_page, problems):
    problems.excuse("ERR_FAILED", "Failed to load")
    page = signed_in_page
    page.route("**/vendor/tus*", lambda route: route.abort())
    drop(page, "Monday talk.mp4", 1 * MB)
    expect(page.locator(".upload__says")).to_contain_text("goes on by itself")
    page.unroute_all()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator(".source", has_text="Monday talk")).to_be_visible()


class Network:
    def __init__(self, page):
        self.tools = page.context.new_cdp_session(page)

    def slow(self):
        self.emulate(uploadThroughput=SLOW)

    def fast(self):
        self.emulate()

    def cut(self):
        self.emulate(offline=True)

    def emulate(self, *, offline=False, uploadThroughput=-1):
        line = {"offline": offline, "latency": 0, "downloadThroughput": -1}
        line["uploadThroughput"] = uploadThroughput
        self.tools.send("Network.emulateNetworkConditions", line)
