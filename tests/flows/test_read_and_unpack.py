"""`kanit read` and `kanit unpack`: what the extractors see, and what they cannot."""

import zipfile
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image, ImageChops

from flows.errors import Exit
from tests.flows.helpers import check_document, command, sample
from tests.papers import scans


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """Return a service statement as a PDF file."""
    folder = sample(tmp_path / "inbox", "statement")
    with zipfile.ZipFile(folder / "evidence.zip") as archive:
        return Path(archive.extract(archive.namelist()[0], tmp_path))


def test_read_prints_one_document_a_line(
    paper: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "blank.png"
    Image.new("L", (200, 200), 255).save(picture)
    printed = command(capsys, "read", paper, picture, "--json")
    documents = printed.lines
    assert printed.code == Exit.OK
    assert [document["kind"] for document in documents] == ["service_statement", "unknown"]
    assert documents[0]["barcode"] == documents[0]["qr"]["barcode"]
    assert documents[0]["fields"]["national_id"]["value"].endswith("*********")
    for document in documents:
        check_document(document)


def test_read_ends_with_10_when_a_file_cannot_be_read(
    paper: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing follows")
    printed = command(capsys, "read", broken, paper, "--json")
    assert printed.code == Exit.FLAGGED
    assert printed.lines[0]["faults"][0]["code"] == "DOCUMENT_UNREADABLE"
    assert printed.lines[0]["findings"][0]["code"] == "DOCUMENT_UNREADABLE"
    assert printed.lines[1]["faults"] == []


def test_read_does_not_take_an_archive(
    paper: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "evidence.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(paper, paper.name)
    printed = command(capsys, "read", archive, "--json")
    assert printed.code == Exit.FLAGGED
    assert printed.lines[0]["faults"][0]["code"] == "DOCUMENT_UNSUPPORTED"


def test_read_shows_people_fields_and_places(paper: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = command(capsys, "read", paper, "--no-ocr", "--lang", "en")
    assert printed.code == Exit.OK
    assert "national_id: " in printed.out
    assert "page 1, at (" in printed.out


def test_read_draws_what_it_saw(paper: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "pictures"
    printed = command(capsys, "read", paper, "--draw", folder)
    assert printed.code == Exit.OK
    (picture,) = folder.iterdir()
    with Image.open(picture) as image:
        red, green, blue = image.convert("RGB").split()
    assert _strongest(red, green, blue), "no QR code in red"
    assert _strongest(blue, red, green), "no field in blue"


def _strongest(channel: Image.Image, *others: Image.Image) -> bool:
    """Tell whether some pixel is much stronger in one channel than in the others."""
    rest = others[0]
    for other in others[1:]:
        rest = ImageChops.lighter(rest, other)
    highest = ImageChops.subtract(channel, rest).getextrema()[1]
    return float(str(highest)) > 100


def test_read_prints_a_line_for_each_paper_of_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = sample(tmp_path / "inbox", "several_in_one_file")
    with zipfile.ZipFile(folder / "evidence.zip") as archive:
        bundle = Path(archive.extract(archive.namelist()[0], tmp_path))
    documents = command(capsys, "read", bundle, "--json").lines
    assert [document["paper"] for document in documents] == [1, 2, 3]
    assert len({document["barcode"] for document in documents}) == 3
    for document in documents:
        check_document(document)
    printed = command(capsys, "read", bundle, "--lang", "en").out
    assert "(paper 3 of 3)" in printed


def test_read_draws_on_pictures_as_well(
    paper: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photograph = tmp_path / "photo.jpg"
    photograph.write_bytes(scans.as_image(paper.read_bytes()))
    folder = tmp_path / "pictures"
    assert command(capsys, "read", photograph, "--no-ocr", "--draw", folder).code == Exit.OK
    with Image.open(folder / "photo-1.png") as image:
        red, green, blue = image.convert("RGB").split()
    assert _strongest(red, green, blue), "no QR code in red"


def test_unpack_lists_members(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = sample(tmp_path, "archive_nested")
    printed = command(capsys, "unpack", folder / "evidence.zip", "--json")
    (found,) = printed.lines
    assert printed.code == Exit.OK
    assert found["code"] is None
    assert {member["kind"] for member in found["members"]} == {"pdf"}
    assert all(member["size"] > 0 for member in found["members"])


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("archive_rar", "ARCHIVE_NOT_ZIP"),
        ("archive_truncated", "ARCHIVE_DAMAGED"),
        ("archive_encrypted", "ARCHIVE_ENCRYPTED"),
        ("archive_bomb", "ARCHIVE_LIMIT"),
        ("archive_traversal", "ARCHIVE_UNSAFE"),
        ("archive_empty", "ARCHIVE_EMPTY"),
    ],
)
def test_unpack_says_why_it_refuses(
    case: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = sample(tmp_path, case) / "evidence.zip"
    printed = command(capsys, "unpack", archive, "--json")
    (found,) = printed.lines
    assert printed.code == Exit.FLAGGED
    assert found["code"] == code
    assert found["members"] == []
    assert code in command(capsys, "unpack", archive).out


def test_unpack_lists_an_archive_without_documents(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "notes.zip"
    with ZipFile(archive, "w") as target:
        target.writestr("notes.txt", "no paper")
    printed = command(capsys, "unpack", archive, "--json")
    (found,) = printed.lines
    assert printed.code == Exit.OK
    assert [member["path"] for member in found["members"]] == ["notes.txt"]
    assert found["code"] == "ARCHIVE_EMPTY"


def test_unpack_goes_on_after_a_refusal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = sample(tmp_path / "bad", "archive_rar") / "evidence.zip"
    good = sample(tmp_path / "good", "statement") / "evidence.zip"
    printed = command(capsys, "unpack", bad, good, "--json")
    assert printed.code == Exit.FLAGGED
    assert [line["code"] for line in printed.lines] == ["ARCHIVE_NOT_ZIP", None]


def test_numbers_in_file_names_are_masked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = tmp_path / "10000000146.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("10000000146.pdf", b"%PDF-1.7 of 10000000146")
    for arguments in (["unpack", archive], ["unpack", archive, "--json"]):
        printed = command(capsys, *arguments)
        assert "10000000146" not in printed.out + printed.err
        assert "10*********" in printed.out
