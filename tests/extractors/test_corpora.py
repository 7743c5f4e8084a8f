"""Every PDF and image of the shared corpora is read or refused, inside the sandbox and its limits."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from extractors.archive import ArchiveRefused, list_members, read_member
from extractors.document import read_document
from extractors.facts import FaultCode
from extractors.qr import find_codes, find_codes_in_images
from extractors.reader import PdfReader, Unreadable, load_image, second_reading
from extractors.sandbox import Sandbox, SandboxLimits
from extractors.words import PageText
from tests.shared import SHARED, needs_shared

pytestmark = [needs_shared, pytest.mark.shared, pytest.mark.slow]

CORPORA = SHARED / "corpora"
LIMITS = SandboxLimits(seconds=40)
READ = "read"
OPEN = ("empty-password", "owner-password", "O=master.pdf", "R3,V2.pdf", "unencrypted")
LOCKED = ("user-password", "both-passwords", "password-is-test", "U=view", "U=wwwww", "six/aes-", "six/rc4-")


def manifest() -> Iterator[tuple[str, str]]:
    if CORPORA.is_dir():
        with (CORPORA / "MANIFEST.tsv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                yield row["file"], row["label"]


PDFS = [name for name, _ in manifest() if name.startswith("pdfs/")]
ZIPS = [name for name, _ in manifest() if name.startswith("zips/")]
IMAGES = [name for name, _ in manifest() if name.startswith("images/") and not name.endswith(".txt")]


def read_pdf(path: Path) -> str:
    data = path.read_bytes()
    try:
        with PdfReader(data) as reader:
            for number in range(1, reader.pages + 1):
                assert_sound(reader.page_text(number))
                image = reader.render(number, 50)
                assert image.ndim == 2
                assert image.dtype == np.uint8
            find_codes(reader)
    except Unreadable as refusal:
        return refusal.fault.code.value
    return READ


def read_second(path: Path) -> str:
    try:
        for page in second_reading(path.read_bytes()):
            assert_sound(page)
    except Unreadable as refusal:
        return refusal.fault.code.value
    return READ


def assert_sound(page: PageText) -> None:
    assert page.width > 0
    assert page.height > 0
    assert 0 <= page.image_share <= 1
    for word in page.words:
        assert word.text == word.text.strip() != ""
        assert all(map(math.isfinite, (word.x0, word.y0, word.x1, word.y1)))
        assert word.x0 <= word.x1
        assert word.y0 <= word.y1


def read_image(path: Path) -> str:
    try:
        pages = load_image(path.read_bytes())
    except Unreadable as refusal:
        return refusal.fault.code.value
    assert pages
    assert all(page.ndim == 2 and page.dtype == np.uint8 for page in pages)
    find_codes_in_images(pages)
    return READ


def read_archive(path: Path) -> str:
    try:
        members = list_members(path)
    except ArchiveRefused as refusal:
        return refusal.fault.code.value
    for member in members:
        assert read_document(read_member(path, member.locator), member.path, ocr=False)
    return READ


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(1, LIMITS) as box:
        yield box


@pytest.mark.parametrize("name", PDFS)
def test_a_pdf_is_read_or_refused(sandbox: Sandbox, name: str) -> None:
    result = sandbox.run(read_pdf, CORPORA / name)
    assert result in {READ, FaultCode.DOCUMENT_UNREADABLE, FaultCode.DOCUMENT_ENCRYPTED}
    if any(part in name for part in LOCKED):
        assert result == FaultCode.DOCUMENT_ENCRYPTED
    elif any(part in name for part in OPEN):
        assert result == READ


@pytest.mark.parametrize("name", PDFS)
def test_a_pdf_is_read_or_refused_by_the_second_reader(sandbox: Sandbox, name: str) -> None:
    result = sandbox.run(read_second, CORPORA / name)
    assert result in {READ, FaultCode.DOCUMENT_UNREADABLE, FaultCode.DOCUMENT_ENCRYPTED}


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_is_read_or_refused(sandbox: Sandbox, name: str) -> None:
    result = sandbox.run(read_image, CORPORA / name)
    assert result in {READ, FaultCode.DOCUMENT_UNREADABLE}
    if "/zxing-cpp/" in name:
        assert result == READ


@pytest.mark.parametrize("name", ZIPS)
def test_an_archive_is_refused_or_all_its_members_are_read(sandbox: Sandbox, name: str) -> None:
    result = sandbox.run(read_archive, CORPORA / name)
    assert result == READ or result.startswith("ARCHIVE_")
