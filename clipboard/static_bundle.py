"""Static files for production: hashed, compressed, and each bundle one request.

`app.css`, `pages.css`, `app.js` and `clip.js` are tables of contents that browsers understand as
they are. When static files are collected, `@import url("x.css") layer(y);` becomes
`@layer y { … }`, and `import "./x.js";` becomes the file in a block of its own (our modules export
nothing), so that a page asks once for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

CSS_IMPORT = re.compile(r'@import url\("([\w-]+\.css)"\)(?: layer\((\w+)\))?;')
JS_IMPORT = re.compile(r'^import "\./([\w-]+\.js)";$', re.MULTILINE)
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
CSS_SPACE = re.compile(r"\s*([{};,])\s*")
BUNDLES = {"css/app.css", "css/pages.css", "js/app.js", "js/clip.js"}
JS_FILLING = re.compile(r"^[ \t]*(//.*)?\n|^[ \t]+", re.MULTILINE)


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        if not dry_run:
            for name in BUNDLES & paths.keys():
                # From where it came: what was collected before may be older than what it names.
                origin, path = paths[name]
                self.replace(name, bundle(Path(origin.path(path))))
                # The hashed copy is made of what stands here, not of what was collected.
                paths[name] = (self, name)
        yield from super().post_process(paths, dry_run, **options)

    def replace(self, name: str, text: str) -> None:
        Path(self.path(name)).unlink()
        self._save(name, ContentFile(text.encode()))


def bundle(file: Path) -> str:
    return bundle_css(file) if file.suffix == ".css" else bundle_js(file)


def bundle_css(file: Path) -> str:
    def inline(match: re.Match[str]) -> str:
        text = (file.parent / match[1]).read_text()
        return f"@layer {match[2]} {{\n{text}\n}}" if match[2] else text

    bundled = CSS_IMPORT.sub(inline, file.read_text())
    return CSS_SPACE.sub(r"\1", CSS_COMMENT.sub("", bundled)).strip()


def bundle_js(file: Path) -> str:
    def inline(match: re.Match[str]) -> str:
        return "{\n" + (file.parent / match[1]).read_text() + "\n}"

    return JS_FILLING.sub("", JS_IMPORT.sub(inline, file.read_text()))
