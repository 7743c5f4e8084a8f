"""Uploads: what is listed, in what order, and what can be read again."""

import io
import random
import struct
import zipfile
from pathlib import Path

import pytest

from extractors.archive import ArchiveRefused, Kept, read_member, walk
from extractors.facts import Media
from tests.extractors.archive.zips import (
    PDF,
    PNG,
    STREAMED,
    Item,
    Upload,
    build,
    deflated,
    descriptor,
    extra_field,
    paths,
    refused,
    zip_of,
)


def test_documents_come_in_the_order_of_the_directory_with_kind_by_content(upload: Upload) -> None:
    archive = upload(zip_of({"b.pdf": PDF, "a.txt": PNG, "kağıt/c.bin": b"text", "d.pdf": b""}))
    members = walk(archive)
    assert [(m.path, m.size, m.media, m.locator) for m in members] == [
        ("b.pdf", len(PDF), Media.PDF, (0,)),
        ("a.txt", len(PNG), Media.IMAGE, (1,)),
        ("kağıt/c.bin", 4, Media.OTHER, (2,)),
        ("d.pdf", 0, Media.OTHER, (3,)),
    ]
    assert [read_member(archive, m.locator) for m in members] == [PDF, PNG, b"text", b""]


def test_a_member_carries_the_hash_that_is_its_documents_id(upload: Upload) -> None:
    (member,) = walk(upload(zip_of({"a.pdf": PDF})))
    assert member.sha256.startswith("sha256:")
    assert len(member.sha256) == len("sha256:") + 64


def test_folders_and_clutter_are_left_out(upload: Upload) -> None:
    clutter = ["__MACOSX/._a.pdf", "x/__MACOSX/b.pdf", "._a.pdf", "Thumbs.db", "x/desktop.ini", ".DS_Store"]
    files = {"x/": b"", **dict.fromkeys(clutter, PDF), "x/a.pdf": PDF}
    assert paths(upload(zip_of(files))) == ["x/a.pdf"]


def test_a_large_member_is_read_in_pieces_and_whole(upload: Upload) -> None:
    data = PDF + random.Random(1).randbytes(300_000)
    archive = upload(zip_of({"a.pdf": data, "b.pdf": data + b"."}, zipfile.ZIP_STORED))
    assert [m.size for m in walk(archive)] == [len(data), len(data) + 1]
    assert read_member(archive, (1,)) == data + b"."


def test_the_bytes_of_documents_are_kept_while_there_is_room(upload: Upload) -> None:
    inner = zip_of({"c.pdf": PDF})
    archive = upload(zip_of({"a.txt": b"text", "b.pdf": PDF, "inner.zip": inner, "d.pdf": PDF}))
    kept = Kept(room=2 * len(PDF))
    members = walk(archive, kept=kept)
    assert kept.contents == {(1,): PDF, (2, 0): PDF}
    assert [read_member(archive, m.locator) for m in members if m.media is Media.PDF] == [PDF, PDF, PDF]


def test_nested_archives_are_opened_in_their_place(upload: Upload) -> None:
    inner = zip_of({"x.txt": b"x", "p.pdf": PDF})
    archive = upload(zip_of({"a.pdf": PDF, "two.zip": zip_of({"inner.bin": inner}), "z.png": PNG}))
    assert [(m.path, m.locator) for m in walk(archive)] == [
        ("a.pdf", (0,)),
        ("two.zip/inner.bin/x.txt", (1, 0, 0)),
        ("two.zip/inner.bin/p.pdf", (1, 0, 1)),
        ("z.png", (2,)),
    ]
    assert read_member(archive, (1, 0, 1)) == PDF


def test_a_nested_archive_whose_first_bytes_come_late_is_still_opened(upload: Upload) -> None:
    inner = zip_of({"p.pdf": PDF})
    empty_blocks = b"\x00\x00\x00\xff\xff" * 30_000  # deflate blocks that hold nothing
    item = Item(b"late.zip", inner, packed=empty_blocks + deflated(inner))
    assert paths(upload(build([item]))) == ["late.zip/p.pdf"]


def test_three_nested_archives_are_opened_and_a_fourth_is_not(upload: Upload) -> None:
    data = zip_of({"p.pdf": PDF})
    for _ in range(3):
        data = zip_of({"n.zip": data})
    assert paths(upload(data)) == ["n.zip/n.zip/n.zip/p.pdf"]
    deeper = refused(upload(zip_of({"n.zip": data})))
    assert deeper == {"code": "ARCHIVE_LIMIT", "limit": "depth", "allowed": 3, "member": "1/1/1/1"}


def test_an_office_file_is_a_document_that_is_not_supported(upload: Upload) -> None:
    docx = zip_of({"[Content_Types].xml": b"<Types/>", "word/media/image1.png": PNG})
    odt = zip_of({"mimetype": b"application/vnd.oasis.opendocument.text", "x.png": PNG}, zipfile.ZIP_STORED)
    members = walk(upload(zip_of({"a.docx": docx, "b.odt": odt, "c.pdf": PDF})))
    assert [m.media for m in members] == [Media.OTHER, Media.OTHER, Media.PDF]
    assert refused(upload(docx))["code"] == "ARCHIVE_NOT_ZIP"
    assert refused(upload(odt)) == {"code": "ARCHIVE_NOT_ZIP", "found": "ODT", "member": None}


@pytest.mark.parametrize("signature", [True, False])
@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("method", [0, 8])
def test_sizes_may_follow_the_data(upload: Upload, signature: bool, wide: bool, method: int) -> None:
    item = Item(flags=STREAMED, method=method, local={"crc": 0, "compressed": 0, "size": 0})
    item.descriptor = descriptor(item, signature=signature, wide=wide)
    assert paths(upload(build([item, Item(b"next.pdf")]))) == ["paper.pdf", "next.pdf"]


def test_zip64_sizes_are_read_where_the_fields_are_full(upload: Upload) -> None:
    item = Item()
    full = {"compressed": 0xFFFFFFFF, "size": 0xFFFFFFFF}
    sizes = extra_field(1, struct.pack("<QQ", len(item.data), len(item.body)))
    item.local = item.central = {**full, "extra": sizes}
    assert paths(upload(build([item]))) == ["paper.pdf"]


def test_a_zip64_archive_is_walked(upload: Upload) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, archive.open("a.pdf", "w", force_zip64=True) as member:
        member.write(PDF)
    assert paths(upload(buffer.getvalue())) == ["a.pdf"]


def test_comments_are_no_obstacle(upload: Upload) -> None:
    item = Item(central={"comment": "açıklama".encode("cp1254")})
    assert paths(upload(build([item], comment=b"archive comment " * 4000))) == ["paper.pdf"]


def test_the_walk_agrees_with_zipfile_on_sound_archives(tmp_path: Path) -> None:
    source = random.Random(7)
    for number in range(40):
        files = {
            f"{i}/{source.choice(['döküm', 'e-Devlet çıktısı', 'scan'])}{i}.pdf": PDF
            + source.randbytes(source.randrange(5000))
            for i in range(source.randrange(1, 12))
        }
        path = tmp_path / f"{number}.zip"
        path.write_bytes(zip_of(files, source.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])))
        with zipfile.ZipFile(path) as archive:
            expected = [(i.filename, i.file_size, archive.read(i)) for i in archive.infolist()]
        assert [(m.path, m.size, read_member(path, m.locator)) for m in walk(path)] == expected


def test_a_file_that_changed_since_the_walk_is_refused(upload: Upload) -> None:
    sound = zip_of({"a.pdf": PDF, "b.pdf": PDF})
    archive = upload(sound)
    locator = walk(archive)[1].locator
    upload(zip_of({"a.pdf": PDF}))
    with pytest.raises(ArchiveRefused):
        read_member(archive, locator)
    upload(build([Item(local={"crc": 1}, central={"crc": 1})]))
    with pytest.raises(ArchiveRefused, match="checksum"):
        read_member(archive, (0,))


def test_a_file_that_is_not_there_is_the_machines_fault(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        walk(tmp_path / "none.zip")
