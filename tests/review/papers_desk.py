"""Applications with real files in the evidence store, entered without reading them: their facts are the test's own."""

import io
import json
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from extractors.archive import media_of
from extractors.facts import Box, Document, Field, Media, Upload
from extractors.sandbox import Sandbox
from review.desk import Desk
from review.drawing import Unseen
from storage.desk.audit import Action, LineFilter, lines
from tests.papers import archives, bundles, draw, variants
from tests.storage.samples import AYSE, Inbox, application

ID = "TS-2026-000123"
PAPER = variants.long_statement(1, years=9)
STATEMENT = draw(PAPER)
PAGES = len(bundles.pictures(STATEMENT, "x", dpi=20))
READ = {"national_id": Field("10000000078", "10000000078", 1, Box(60, 80, 120, 160))}


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def fact(name: str, data: bytes, pages: int = 1, **facts: Any) -> Document:
    """The facts of a file: of its pages, and what a test adds."""
    return replace(Document(f"sha256:{digest(data)}", name, len(data), media_of(data), pages=pages), **facts)


def enter(
    desk: Desk,
    folder: Path,
    files: Mapping[str, bytes],
    *documents: Document,
    application_id: str = ID,
    packed: bytes | None = None,
) -> bytes:
    """Put an application of one zip into the registry and its zip into the evidence store; return the zip.

    Without `documents`, each file is one page of a paper. `packed`: the zip, where it is no sound one of the files.
    """
    data = archives.plain(dict(files)) if packed is None else packed
    found = documents or tuple(fact(name, content) for name, content in files.items())
    inbox = Inbox.at(folder / "inbox", desk.database)
    inbox.write(
        application_id,
        json.dumps(application(application_id, "personnel_registration", [AYSE])).encode(),
        data,
    )
    inbox.facts[application_id] = (Upload("evidence.zip", digest(data), len(data), None, found),)
    inbox.run()
    desk.evidence.put(data)
    return data


def unreadable(name: str, data: bytes) -> Document:
    """The facts of a file that no reader could open."""
    return fact(name, data, 0, media=Media.PDF)


def put_statement(desk: Desk, folder: Path) -> bytes:
    return enter(desk, folder, {"hizmet.pdf": STATEMENT}, fact("hizmet.pdf", STATEMENT, PAGES, fields=READ))


def grey(picture: bytes | Unseen | None) -> np.ndarray[Any, Any]:
    assert isinstance(picture, bytes)
    return np.asarray(Image.open(io.BytesIO(picture), formats=("PNG", "JPEG")).convert("L"))


def seen(desk: Desk, **wanted: Any) -> list[Any]:
    found = LineFilter(actions=(Action.VIEW_PAPER,), **wanted)
    return list(desk.database.read(lambda work: lines(work, found)))


def opened_files(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Note each file that a child is asked to open."""
    calls: list[object] = []
    run = Sandbox.run

    def noted(self: Sandbox, function: Any, *arguments: Any, **options: Any) -> Any:
        calls.append(arguments)
        return run(self, function, *arguments, **options)

    monkeypatch.setattr(Sandbox, "run", noted)
    return calls


def hang(*_: object) -> None:
    time.sleep(60)


def die(*_: object) -> None:
    os._exit(3)
