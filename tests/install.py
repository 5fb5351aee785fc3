"""Make sure that what the tests need beside Python is there: `python -m tests.install`.

Installs by apt-get where it may; else says what to install and goes on, since tests that need a
missing program skip themselves. With REQUIRE_ALL=1 a missing program is an error instead.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from glob import glob

# program: (Debian's packages, what it is for)
WANTED = {
    "initdb": (("postgresql",), "the same promises on PostgreSQL"),
    "chromium": (("chromium", "fonts-dejavu-core"), "browser tests"),
    "nginx": (("nginx-light",), "the media benchmark"),
}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# Debian's browser without what a screen needs, in whose tests it costs a third.
LIGHT_CHROMIUM = "chromium-headless-shell"
MAC_CHROME = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def main() -> int:
    missing = [name for name in WANTED if not found(name)]
    if missing and may_install():
        install([package for name in missing for package in WANTED[name][0]])
        missing = [name for name in missing if not found(name)]
    if "chromium" not in missing and may_install() and not shutil.which(LIGHT_CHROMIUM):
        add([LIGHT_CHROMIUM])  # where apt knows of it; the other one will do
    for name in missing:
        packages, purpose = WANTED[name]
        say(f"{name} is missing, so {purpose} are left out: apt-get install {' '.join(packages)}")
    return 1 if missing and os.environ.get("REQUIRE_ALL") == "1" else 0


def found(name: str) -> str | None:
    return chromium() if name == "chromium" else shutil.which(name, path=search_path())


def chromium() -> str | None:
    """The Chromium or Chrome to drive: $CHROMIUM, else an installed one."""
    if given := os.environ.get("CHROMIUM"):
        return given
    names = [shutil.which(name) for name in CHROMIUM_NAMES]
    return next((path for path in [*names, shutil.which(MAC_CHROME)] if path), None)


def light_chromium() -> str | None:
    """The one that costs least to drive."""
    return os.environ.get("CHROMIUM") or shutil.which(LIGHT_CHROMIUM) or chromium()


def search_path() -> str:
    """Debian keeps PostgreSQL's own programs out of PATH."""
    servers = sorted(glob("/usr/lib/postgresql/*/bin"))[-1:]
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", *servers])


def may_install() -> bool:
    return bool(shutil.which("apt-get")) and hasattr(os, "geteuid") and os.geteuid() == 0


def install(packages: list[str]) -> None:
    say(f"Installing {' '.join(packages)} (once) ...")
    run(["apt-get", "update", "-qq"])
    done = add(packages)
    if done.returncode:
        say(f"apt-get install failed: {done.stderr.strip()[-300:]}")


def add(packages: list[str]) -> subprocess.CompletedProcess[str]:
    """Install what the lists of packages here tell of."""
    return run(["apt-get", "install", "-qq", "--no-install-recommends", *packages])


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    quietly = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=quietly, capture_output=True, text=True, check=False)


def say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
