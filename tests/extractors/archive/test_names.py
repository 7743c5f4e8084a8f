"""Names of members: decoded whatever wrote them, and refused where they lead elsewhere."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.archive import ArchiveRefused, list_members
from tests.extractors.archive.zips import (
    UTF8,
    Item,
    Upload,
    build,
    paths,
    refused,
    unicode_path,
)

ISE_GIRIS = "İŞE GİRİŞ.pdf"


@pytest.mark.parametrize(
    ("raw", "flags"),
    [
        (bytes.fromhex("989e4520479852989e") + b".pdf", 0),  # Windows Explorer, cp857
        (bytes.fromhex("ddde45204 7dd52ddde".replace(" ", "")) + b".pdf", 0),  # cp1254
        (ISE_GIRIS.encode(), UTF8),
        (ISE_GIRIS.encode(), 0),  # macOS sets no flag
        (unicodedata.normalize("NFD", ISE_GIRIS).encode(), 0),
        (ISE_GIRIS.encode("cp857"), UTF8),  # a flag that lies
    ],
)
def test_turkish_names_are_read_whatever_wrote_them(upload: Upload, raw: bytes, flags: int) -> None:
    assert paths(upload(build([Item(raw, flags=flags)]))) == [ISE_GIRIS]


@pytest.mark.parametrize("page", ["cp857", "cp1254"])
@pytest.mark.parametrize("name", ["çalışan öğün.pdf", "ŞÜKRÜ ÇAĞ.pdf", "ışık.pdf", "Gülğün.pdf", "plain.pdf"])
def test_the_code_page_with_more_turkish_letters_wins(upload: Upload, name: str, page: str) -> None:
    assert paths(upload(build([Item(name.encode(page))]))) == [name]


def test_the_unicode_path_field_is_preferred_unless_it_is_stale(upload: Upload) -> None:
    raw = "İŞE.pdf".encode("cp857")
    assert paths(upload(build([Item(raw, extra=unicode_path(raw, "doğru.pdf"))]))) == ["doğru.pdf"]
    assert paths(upload(build([Item(raw, extra=unicode_path(b"other", "yanlış.pdf"))]))) == ["İŞE.pdf"]


NAME_REFUSED = {"reason": "name", "member": "2"}
OFFICE_REFUSED = {"found": "Office", "member": None}  # its name is that of an Office file's directory


@given(raw=st.binary(min_size=1, max_size=40), flags=st.sampled_from([0, UTF8]))
@settings(max_examples=150, deadline=None)
def test_no_bytes_of_a_name_break_the_walk(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, flags: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "name.zip"
    path.write_bytes(build([Item(), Item(raw, flags=flags)]))
    try:
        members = list_members(path)
    except ArchiveRefused as refusal:
        facts = refusal.fault.facts
    else:
        facts = NAME_REFUSED
        for member in members:
            member.path.encode()  # no half characters
            assert not {".."} & set(member.path.split("/"))
    assert facts in (NAME_REFUSED, OFFICE_REFUSED)


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"folder\\a.pdf", "folder/a.pdf"),
        (b"./a//b/./c.pdf", "a/b/c.pdf"),
        (b"a..b/..c.pdf", "a..b/..c.pdf"),
        ("\u202efdp.exe".encode(), "\ufffdfdp.exe"),
        (b"a\x1b[31m\n.pdf", "a\ufffd[31m\ufffd.pdf"),
    ],
)
def test_names_are_shown_with_plain_slashes_and_without_tricks(upload: Upload, raw: bytes, path: str) -> None:
    assert paths(upload(build([Item(raw)]))) == [path]


@pytest.mark.parametrize(
    "raw",
    [
        b"../a.pdf",
        b"a/../../b.pdf",
        b"a\\..\\b.pdf",
        b"..\\b.pdf",
        b"..",
        b"/etc/passwd",
        b"\\\\server\\share",
        b"\\a.pdf",
        b"C:\\a.pdf",
        b"c:a.pdf",
        b"",
        b".",
        b"a.exe\0.pdf",
        b"folder/",  # a folder with data in it
    ],
)
def test_names_that_lead_elsewhere_are_refused(upload: Upload, raw: bytes) -> None:
    assert refused(upload(build([Item(b"sound.pdf"), Item(raw)]))) == {
        "code": "ARCHIVE_UNSAFE",
        "reason": "name",
        "member": "2",
    }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (b"a.pdf", b"a.pdf"),
        (b"x/a.pdf", b"x\\a.pdf"),
        (b"x/a.pdf", b"./x//a.pdf"),
        (ISE_GIRIS.encode(), unicodedata.normalize("NFD", ISE_GIRIS).encode()),
        (ISE_GIRIS.encode(), ISE_GIRIS.encode("cp857")),
    ],
)
def test_the_same_name_twice_is_refused(upload: Upload, first: bytes, second: bytes) -> None:
    archive = upload(build([Item(first), Item(second)]))
    assert refused(archive) == {"code": "ARCHIVE_UNSAFE", "reason": "duplicate_name", "member": "2"}
