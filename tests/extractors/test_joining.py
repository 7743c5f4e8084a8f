"""One paper over several pictures: joined by what the pages say, in the order of their names or counters."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from extractors.facts import Document, Kind, Media, TextSource
from extractors.joining import join_pictures
from extractors.qr import find_codes
from extractors.reader import PdfReader
from extractors.scanned import Scans
from extractors.words import PageText, Word
from tests.extractors.test_layout import declaration, statement
from tests.papers import with_reportlab
from tests.papers.model import Paper, ServiceStatement, Where
from tests.papers.style import any_style

File = tuple[tuple[Document, ...], Scans]


def photographs(paper: Paper, *names: str) -> list[File]:
    """The pages of a paper as pictures that OCR has read without a fault, under these names."""
    with PdfReader(with_reportlab.draw(paper, any_style(3))) as reader:
        codes = find_codes(reader)
        pages = [reader.page_text(number) for number in range(1, reader.pages + 1)]
    files: list[File] = []
    for name, page in zip(names, pages, strict=True):
        digest = hashlib.sha256(f"{name}{page.words}".encode()).hexdigest()
        document = Document(
            f"sha256:{digest}", name, 9, Media.IMAGE, pages=1, text=TextSource.OCR, scan=True,
            codes=tuple(replace(code, page=1) for code in codes if code.page == page.number),
        )  # fmt: skip
        scans = Scans({1: replace(page, number=1)}, {1: np.diag((2.0, 2.0, 1.0))})
        files.append(((document,), scans))
    return files


def long_statement(seed: int = 0, where: Where = Where.LAST) -> ServiceStatement:
    paper = statement(seed, years=6)
    return replace(paper, footer=replace(paper.footer, where=where))


def joined(files: Sequence[File]) -> dict[str, Document]:
    """The documents by name; every file keeps its place."""
    found = join_pictures(files)
    assert [file[0].name for file in found] == [file[0][0].name for file in files]
    return {file[0].name: file[0] for file in found}


@pytest.mark.parametrize("where", Where)
@pytest.mark.parametrize(
    "names",
    [("hizmet-1.jpg", "hizmet-2.jpg"), ("a/IMG_9.jpg", "a/IMG_10.jpg"), ("tarama.png", "tarama (2).png")],
)
def test_the_first_file_holds_the_whole_paper(where: Where, names: tuple[str, str]) -> None:
    paper = long_statement(where=where)
    found = joined(photographs(paper, *names)[::-1])
    first, second = (found[name] for name in names)
    assert (first.kind, first.pages, first.page_numbers, first.doubts) == (
        Kind.SERVICE_STATEMENT, 2, (1,), (),
    )  # fmt: skip
    assert [record.period for record in first.records] == [
        f"{row.period.year}-{row.period.month:02d}" for row in paper.rows
    ]
    assert len(first.workplaces) == len(paper.workplaces)
    assert first.qr is not None
    assert first.fields["national_id"].value == first.qr.national_id == paper.person.national_id
    assert {record.page for record in first.records} == {1, 2}
    assert (second.kind, second.part_of, second.page_numbers) == (first.kind, first.key, (2,))
    assert (second.records, second.qrs, second.barcodes, dict(second.fields)) == ((), (), (), {})


def test_boxes_are_those_of_the_pictures() -> None:
    files = photographs(long_statement(), "h-1.jpg", "h-2.jpg")
    first = joined(files)["h-1.jpg"]
    printed = [word for word in files[0][1].pages[1].words if word.text == first.fields["national_id"].raw]
    assert first.fields["national_id"].box.x0 in {2 * word.x0 for word in printed}
    assert first.fields["national_id"].method == "ocr"


def test_names_do_not_matter_where_the_barcode_is_the_same() -> None:
    found = joined(photographs(long_statement(where=Where.EVERY), "ön yüz.jpg", "arka.jpg"))
    assert found["arka.jpg"].part_of == found["ön yüz.jpg"].key


def test_papers_of_several_people_under_running_numbers_stay_apart() -> None:
    files = [
        *photographs(long_statement(0), "IMG_1.jpg", "IMG_2.jpg"),
        *photographs(declaration(1), "IMG_3.jpg"),
        *photographs(long_statement(2), "IMG_4.jpg", "IMG_5.jpg"),
    ]
    found = joined(files)
    assert [name for name, document in found.items() if document.part_of] == ["IMG_2.jpg", "IMG_5.jpg"]
    assert found["IMG_5.jpg"].part_of == found["IMG_4.jpg"].key
    people = {found[name].fields["national_id"].value for name in ("IMG_1.jpg", "IMG_4.jpg")}
    assert len(people) == 2


def test_a_page_of_somebody_else_s_statement_is_not_joined() -> None:
    mine = photographs(long_statement(0), "h-1.jpg", "h-2.jpg")[:1]
    theirs = photographs(long_statement(1), "h-1.jpg", "h-2.jpg")[1:]
    assert not any(document.part_of for document in joined([*mine, *theirs]).values())


@pytest.mark.parametrize("name", ["b/h-2.jpg", "fatura.jpg"])
def test_pages_elsewhere_or_under_other_names_are_not_joined_without_a_barcode(name: str) -> None:
    paper = long_statement(where=Where.FIRST)
    found = joined(photographs(paper, "a/h-1.jpg", name))
    assert not any(document.part_of for document in found.values())


def test_a_page_that_says_nothing_is_left_alone_with_a_doubt() -> None:
    files = photographs(long_statement(), "h-1.jpg", "h-2.jpg")
    blank = replace(files[0][0][0], id="sha256:" + "d" * 64, name="h-3.jpg", codes=())
    found = joined([*files, ((blank,), Scans())])
    assert found["h-3.jpg"].part_of is None
    assert len(found["h-3.jpg"].doubts) == 1
    assert found["h-2.jpg"].part_of == found["h-1.jpg"].key


def test_page_counters_tell_the_order() -> None:
    names = ("z-1.jpg", "z-2.jpg")
    files = photographs(long_statement(where=Where.EVERY), *names)
    counted = [(file[0], counting(file[1], number)) for number, file in zip((2, 1), files[::-1], strict=True)]
    swapped = [
        ((replace(docs[0], name=name),), scans) for name, (docs, scans) in zip(names, counted, strict=True)
    ]
    found = joined(swapped)
    assert found["z-1.jpg"].part_of == found["z-2.jpg"].key
    assert found["z-2.jpg"].doubts == ()


def counting(scans: Scans, number: int) -> Scans:
    page = scans.pages[1]
    words = (*page.words, Word("Sayfa", 500, 820, 520, 827), Word(f"{number}/2", 522, 820, 535, 827))
    return replace(scans, pages={1: PageText(1, page.width, page.height, words, 1.0)})


@pytest.mark.parametrize(("change", "value"), [("0", None), ("00000000", "00000000")])
def test_a_barcode_that_ocr_misread_by_a_letter_is_unread_another_one_is_another(
    change: str, value: str | None
) -> None:
    """A human is told of a difference only where it is none of OCR's."""
    paper = long_statement()
    files = photographs(paper, "h-1.jpg", "h-2.jpg")
    changed = paper.footer.barcode[: -len(change)] + change
    words = tuple(
        replace(word, text=changed, confidence=0.9) if word.text == paper.footer.barcode else word
        for word in files[1][1].pages[1].words
    )
    last = files[1][1].pages[1]
    misread = replace(files[1][1], pages={1: PageText(1, last.width, last.height, words, 1.0)})
    (found,) = joined([files[0], (files[1][0], misread)])["h-1.jpg"].barcodes
    assert found.raw == changed
    assert found.value == (value and changed)


def test_born_digital_pages_are_not_joined() -> None:
    """They would make a paper out of files that e-Devlet never issued."""
    files = [
        ((replace(docs[0], text=TextSource.EMBEDDED, media=Media.PDF, scan=False),), scans)
        for docs, scans in photographs(long_statement(), "h-1.pdf", "h-2.pdf")
    ]
    assert not any(document.part_of for document in joined(files).values())
