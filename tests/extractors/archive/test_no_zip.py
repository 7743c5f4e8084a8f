"""Uploads that are no zip, need a password or hold no document."""

import pytest

from extractors.archive import list_members
from tests.extractors.archive.zips import (
    PDF,
    PNG,
    Item,
    Upload,
    build,
    refused,
    zip_of,
)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "empty file"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(100), "RAR"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(100), "7z"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(26) + PDF, "7z"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(50) + PDF, "RAR"),
        (PDF, "PDF"),
        (b"\r\n" * 300 + PDF, "PDF"),
        (b"\x1f\x8b\x08" + bytes(100), "gzip"),
        (PNG, "PNG"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "JPEG"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><p>Oturum", "HTML"),
        (b"<html><body>", "HTML"),
        (b"MZ" + bytes(100) + zip_of({"a.pdf": PDF}), "EXE"),
        (b"PK\x07\x08" + zip_of({"a.pdf": PDF}), "split ZIP"),
        (b"Merhaba", "unknown"),
        (build([Item()], disk=1, first_disk=1), "split ZIP"),
        (build([Item(method=12)]), "ZIP (BZIP2)"),
        (build([Item(method=77)]), "ZIP (method 77)"),
    ],
)
def test_what_is_no_zip_is_called_by_its_name(upload: Upload, data: bytes, found: str) -> None:
    facts = refused(upload(data))
    assert (facts["code"], facts["found"]) == ("ARCHIVE_NOT_ZIP", found)


@pytest.mark.parametrize("flags", [1, 1 << 6, 1 << 13])
def test_a_password_is_asked_for_before_anything_else(upload: Upload, flags: int) -> None:
    plain, secret = Item(b"../plain.pdf", method=12), Item(b"secret.pdf", flags=flags, method=99)
    assert refused(upload(build([secret, plain])))["code"] == "ARCHIVE_ENCRYPTED"
    nested = zip_of({"inner.zip": build([secret])})
    assert refused(upload(nested)) == {"code": "ARCHIVE_ENCRYPTED", "member": "1/1"}


@pytest.mark.parametrize("files", [{}, {"x/": b""}, {".DS_Store": PDF}, {"__MACOSX/._a.pdf": PDF}])
def test_an_archive_without_files_is_empty(upload: Upload, files: dict[str, bytes]) -> None:
    archive = upload(zip_of(files))
    assert refused(archive) == {"code": "ARCHIVE_EMPTY", "unsupported": 0, "found": None, "member": None}
    assert list_members(archive) == ()


def test_an_archive_of_other_files_is_empty_and_says_how_many(upload: Upload) -> None:
    archive = upload(zip_of({"a.txt": b"x", "n.zip": zip_of({"b.txt": b"y"})}))
    assert refused(archive)["unsupported"] == 2
    assert [m.path for m in list_members(archive)] == ["a.txt", "n.zip/b.txt"]


def test_an_archive_of_what_looks_like_papers_says_what_it_is(upload: Upload) -> None:
    docx = zip_of({"[Content_Types].xml": b"<Types/>"})
    rar = b"Rar!\x1a\x07\x01\x00" + bytes(50) + PDF
    facts = refused(upload(zip_of({"a.docx": docx, "b.rar": rar, "c.txt": b"x", "d.pdf": b""})))
    assert (facts["unsupported"], facts["found"]) == (4, "Office, RAR")
