"""What a browser gets in production: each bundle whole, under one address, in one request."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import storages
from django.core.management import call_command

from tests import factories

STYLES = Path(settings.BASE_DIR) / "static" / "css"


@pytest.fixture
def collected(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "clipboard.static_bundle.BundledStaticFilesStorage"}
    }
    collect()
    return storages["staticfiles"]


def collect():
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["admin"])


def read(storage, name):
    return (Path(storage.location) / storage.stored_name(name)).read_text()


def test_it_serves_all_styles_and_scripts_in_one_file_each(collected):
    styles, scripts = read(collected, "css/app.css"), read(collected, "js/app.js")
    for name in ("css/pages.css", "js/clip.js"):
        assert "import" not in read(collected, name).replace("!important", "")

    assert "@import" not in styles
    assert "@layer components{" in styles
    assert ".clip-card__frame{" in styles
    assert "/*" not in styles
    assert 'import "./' not in scripts
    assert "htmx:configRequest" in scripts
    assert styles.count("{") == styles.count("}")


def test_it_bundles_anew_what_changed_since_the_last_time(collected):
    Path(collected.path("css/app.css")).write_text("@layer components{.before{}}")
    collect()

    assert ".clip-card__frame{" in read(collected, "css/app.css")


def test_it_names_every_style_sheet_in_the_table_of_contents():
    tables = (STYLES / "app.css").read_text() + (STYLES / "pages.css").read_text()

    for sheet in STYLES.glob("*.css"):
        on_its_own = sheet.name in ("app.css", "pages.css", "admin.css")
        assert on_its_own or f'url("{sheet.name}")' in tables


# --- What a first visit costs ---------------------------------------------------------------------

NEEDED = re.compile(
    r'<link rel="stylesheet" href="/static/([^"]+)"|<script[^>]* src="/static/([^"]+)"'
)


def test_a_first_visit_to_the_grid_takes_little(collected, editor_client, team):
    job = factories.make_job(team=team)
    for number in range(40):
        words = " ".join(VARIED[(number * step) % len(VARIED)] for step in range(1, 9))
        factories.make_clip(
            team=team, job=job, title=words, reason=f"{number} words. {words}",
            poster=f"clips/{number}/poster.webp", filmstrip=f"clips/{number}/strip.webp",
            strip={"columns": 10, "rows": 1, "count": 10, "tile_width": 192, "tile_height": 108,
                   "interval": 2.0},
        )  # fmt: skip
    page = editor_client.get("/clips/").content
    files = [one or other for one, other in NEEDED.findall(page.decode())]
    bodies = [page, *((Path(collected.location) / name).read_bytes() for name in files)]

    assert len(bodies) <= 6
    assert sum(len(gzip.compress(body, 6)) for body in bodies) <= 40_000


VARIED = Path(__file__).read_text().split()
