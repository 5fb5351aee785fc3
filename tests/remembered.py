"""The engine in tests of what stands above it: it really works, but is asked the same only once.

Each of its tasks starts a child of its own, for a quarter of a second and more. The same task upon
the same content brings the same answer and the same files, to all workers of a run.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from clipboard.engine import Cancelled, MediaError, child, wire
from clipboard.engine.errors import PASSING

ANSWERS = Path(os.environ["VAR_DIR"]) / "answers"
TASKS = ("probe", "previews", "proxy", "still", "render", "find_clips")


@dataclass
class Answer:
    result: Any = None
    refusal: tuple[str, str] | None = None
    told: list[tuple[str, Any]] = field(default_factory=list)  # (hook, what it was given)
    files: dict[str, bytes] = field(default_factory=dict)


def remembering(run: Callable[..., Any]) -> Callable[..., Any]:
    """As `child.run`, which it asks for what is not among the answers yet."""

    def ask(task: str, arguments: dict[str, Any], result: Any = Any, **hooks: Any) -> Any:
        if task not in TASKS or not arguments["path"].is_file():
            return run(task, arguments, result, **hooks)
        kept = ANSWERS / question_of(task, arguments)
        if not kept.exists():
            answer = found_out(run, task, arguments, result, **hooks)
            if not answer.refusal or answer.refusal[0] not in PASSING:
                keep(answer, kept)
            return given(answer)
        return repeated(pickle.loads(kept.read_bytes()), folder_of(arguments), **hooks)

    return ask


def question_of(task: str, arguments: dict[str, Any]) -> str:
    """What tells it from others; of names only those that the answer follows from."""
    path, out = arguments["path"], arguments.get("out")
    rest = {name: one for name, one in arguments.items() if not isinstance(one, Path)}
    names = [task, path.suffix, out.name if out else ""]
    known = wire.to_line(rest | {"names": names}) + path.read_bytes()
    return hashlib.sha256(known).hexdigest()


def folder_of(arguments: dict[str, Any]) -> Path | None:
    """Where it writes, and nobody else."""
    return arguments["out"].parent if "out" in arguments else arguments.get("out_dir")


def found_out(
    run: Callable[..., Any], task: str, arguments: dict[str, Any], result: Any, **hooks: Any
) -> Answer:
    answer = Answer()

    def listening(name: str) -> Callable[..., None]:
        def listen(*said: Any) -> None:
            answer.told.append((name, said))
            hooks.get(name, child.ignore)(*said)

        return listen

    heard = {name: listening(name) for name in ("on_progress", "on_partial")}
    try:
        answer.result = run(task, arguments, result, **hooks | heard)
    except MediaError as error:
        answer.refusal = (error.code, error.sentence)
    if folder := folder_of(arguments):
        answer.files = {file.name: file.read_bytes() for file in folder.iterdir()}
    return answer


def keep(answer: Answer, kept: Path) -> None:
    """Whole or not at all, since other workers may be looking."""
    ANSWERS.mkdir(exist_ok=True)
    draft = kept.with_name(f"{kept.name}.{os.getpid()}.{threading.get_ident()}")
    draft.write_bytes(pickle.dumps(answer))
    draft.rename(kept)


def repeated(answer: Answer, folder: Path | None, **hooks: Any) -> Any:
    if hooks.get("should_stop", child.never)():
        raise Cancelled
    for name, said in answer.told:
        hooks.get(name, child.ignore)(*said)
    for name, content in answer.files.items():
        (folder / name).write_bytes(content)
    return given(answer)


def given(answer: Answer) -> Any:
    if answer.refusal:
        raise MediaError(*answer.refusal)
    return answer.result


@pytest.fixture(autouse=True)
def engine_remembers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "run", remembering(child.run))
