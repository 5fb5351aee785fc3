"""What the pages in docs/ and the README say is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SETTINGS = (ROOT / "docs/settings.md").read_text()
READ = re.compile(
    r'env\.(?:secrets|text|boolean|number|words|networks|hosts|path|zone|address)\(\s*"([A-Z_]+)"'
)
DOCUMENTED = re.compile(r"^\| `([A-Z_]+)` \|", re.MULTILINE)
FOR_MAKE_AND_TESTS = {"SPEECH", "REQUIRE_ALL", "HOSTILE_SEED", "CHROMIUM"}
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")


def test_every_setting_is_documented_and_every_documented_one_exists():
    code = (ROOT / "clipboard/settings.py").read_text()

    assert set(DOCUMENTED.findall(SETTINGS)) - FOR_MAKE_AND_TESTS == set(READ.findall(code))


def test_settings_are_read_in_one_place():
    elsewhere = [
        file
        for file in (ROOT / "clipboard").rglob("*.py")
        if file.name != "settings.py" and READ.search(file.read_text())
    ]

    assert not elsewhere


def test_the_defaults_are_those_of_the_code():
    code = (ROOT / "clipboard/settings.py").read_text()
    for name, default in re.findall(r'env\.number\("([A-Z_]+)", (\d+)', code):
        assert f"| `{name}` | `{default}` |" in SETTINGS


@pytest.mark.parametrize("doc", PAGES, ids=lambda doc: doc.name)
def test_links_lead_somewhere(doc):
    for target in LINK.findall(doc.read_text()):
        assert (doc.parent / target).exists(), target


@pytest.mark.parametrize("doc", PAGES, ids=lambda doc: doc.name)
def test_commands_exist(doc):
    text = doc.read_text()
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    commands = {file.stem for file in (ROOT / "clipboard").glob("*/management/commands/*.py")}
    built_in = {"check", "migrate", "dbshell", "createsuperuser", "makemigrations", "collectstatic"}

    assert set(re.findall(r"\bmake ([a-z]+)\b(?=`|$|  |\s+#| NAME=)", text)) <= set(targets)
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) <= commands | built_in
