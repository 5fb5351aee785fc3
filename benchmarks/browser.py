"""The grid in a real browser: the weight of a first visit, the time from a click to its paint.

`make bench NAME=browser` (ARGS="10000" for another number of clips). Where npm is installed, it
also puts Lighthouse 12 into a temporary folder and grades the page.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from imageio_ffmpeg import get_ffmpeg_exe
from playwright.sync_api import Page, Response, sync_playwright

from tests.install import chromium
from tests.running import ROOT, Product, running_product

CLICKS = 20
REST = 500  # milliseconds: between clicks of a person who looks at what came
WIDTH, HEIGHT = 1366, 850
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
CLICK = """
() => new Promise((done) => {
  const chip = [...document.querySelectorAll("#clip-filter input[name=status]")]
    .find((input) => !input.checked);
  const begin = performance.now();
  document.addEventListener("htmx:afterSettle", () => {
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - begin)));
  }, { once: true });
  chip.click();
})
"""
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


def main(clips: int) -> None:
    executable = chromium()
    if not executable:
        sys.exit("This needs Chromium: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"VAR_DIR": str(Path(folder) / "var")}
        subprocess.run(
            [sys.executable, "-m", "benchmarks.load", str(clips)],
            cwd=ROOT, env=environment, check=True,
        )  # fmt: skip
        hang_pictures(Path(folder) / "var")
        with running_product(Path(folder)) as product:
            cookie = measure(product, executable, clips)
            grade(product, executable, cookie, Path(folder))


def hang_pictures(var: Path) -> None:
    """Give the best clips' posters and filmstrips, and the sources', a file to show."""
    picture = var / "media" / "picture.webp"
    picture.parent.mkdir(parents=True, exist_ok=True)
    size = ["-f", "lavfi", "-i", "testsrc2=s=270x480:d=1", "-frames:v", "1"]
    subprocess.run([get_ffmpeg_exe(), "-v", "error", *size, picture], check=True)
    database = sqlite3.connect(var / "clipboard.sqlite3")
    rows = database.execute(
        "SELECT poster, filmstrip FROM clips_clip WHERE score > 90 OR status <> 'completed'"
        " UNION SELECT poster, filmstrip FROM clips_source"
    ).fetchall()
    database.close()
    for name in {name for row in rows for name in row if name}:
        file = var / "media" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        os.link(picture, file)


def measure(product: Product, executable: str, clips: int) -> str:
    """Prints the weight of a first visit and the time of a filter click; returns the session."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=QUIET)
        context = browser.new_context(
            base_url=product.base_url, viewport={"width": WIDTH, "height": HEIGHT}
        )
        page = context.new_page()
        page.goto(product.fresh_login_link())
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/sources/")
        session = next(c for c in context.cookies() if "sessionid" in c["name"])
        fresh = browser.new_context(
            base_url=product.base_url,
            viewport={"width": WIDTH, "height": HEIGHT},
            storage_state=context.storage_state(),
        )
        weigh(fresh.new_page(), clips)
        click(fresh.new_page())
        browser.close()
    return f"{session['name']}={session['value']}"


def weigh(page: Page, clips: int) -> None:
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto("/clips/", wait_until="load")
    kinds = ("document", "stylesheet", "script", "fetch", "xhr", "font")
    needed = [a for a in answers if a.request.resource_type in kinds]
    size = sum(on_the_wire(answer) for answer in needed)
    print(f"First visit to the grid of {clips:,} clips")
    for answer in needed:
        path = answer.url.removeprefix(page.url.split("/clips/")[0])
        print(f"  {on_the_wire(answer) / 1000:6.1f} kB  {path[:70]}")
    print(f"  {size / 1000:6.1f} kB gzipped in {len(needed)} requests (aim: 40 kB, 6)")


def on_the_wire(answer: Response) -> int:
    body = answer.body()
    sent = answer.headers.get("content-encoding")
    return len(gzip.compress(body, 6)) if sent else len(body)


def click(page: Page) -> None:
    page.goto("/clips/", wait_until="networkidle")
    for rest, words in ((REST, "page at rest, aim: 100 ms"), (0, "each upon the last one's paint")):
        times = []
        for _ in range(CLICKS):
            page.wait_for_timeout(rest)
            times.append(page.evaluate(CLICK))
        median, worst = statistics.median(times), max(times)
        print(f"Filter click → painted: median {median:.0f} ms, worst {worst:.0f} ms ({words})")


def grade(product: Product, executable: str, cookie: str, folder: Path) -> None:
    npm = shutil.which("npm")
    if not npm:
        print("Lighthouse: left out, npm is not installed")
        return
    quiet = ["--silent", "--no-audit", "--no-fund", "--prefix", str(folder)]
    subprocess.run([npm, "install", *quiet, "lighthouse@12.8.2"], check=True)
    report = folder / "report.json"
    subprocess.run(
        [
            folder / "node_modules/.bin/lighthouse", f"{product.base_url}/clips/",
            "--preset=desktop", "--quiet", "--output=json", f"--output-path={report}",
            f"--extra-headers={json.dumps({'Cookie': cookie})}",
            f"--chrome-flags=--headless=new {' '.join(QUIET)}",
        ],
        env=os.environ | {"CHROME_PATH": executable}, check=True,
    )  # fmt: skip
    show(json.loads(report.read_text()))


def show(report: dict[str, Any]) -> None:
    grades = {name: round(report["categories"][name]["score"] * 100) for name in CATEGORIES}
    print("Lighthouse (desktop):", ", ".join(f"{k} {v}" for k, v in grades.items()), "(aim: 98)")
    for name in ("first-contentful-paint", "largest-contentful-paint", "total-blocking-time",
                 "cumulative-layout-shift"):  # fmt: skip
        print(f"  {name}: {report['audits'][name]['displayValue']}")
    for category in CATEGORIES:
        for reference in report["categories"][category]["auditRefs"]:
            audit = report["audits"][reference["id"]]
            if audit["score"] is not None and audit["score"] < 0.9 and reference["weight"]:
                print(f"  to mend: {audit['title']}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
