"""One paper over several files: pictures of an archive that are pages of one paper, read again as a whole.

Only pictures are joined, which a person looks at anyway. What the pages say decides: the same barcode; or, in the
order of names that differ by a number only (`hizmet-1.jpg`, `hizmet-2.jpg`), a page of rows or of the same person
after the page with the title. A page that says nothing is left alone, with a doubt.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from extractors.document import File, read_paper
from extractors.evidence import is_picture
from extractors.facts import Code, Document
from extractors.page_clues import Clues, gather, glance
from extractors.papers import find_papers, is_apart
from extractors.scanned import Scans
from extractors.turkish import fold
from extractors.words import PageText

_NUMBER = re.compile(r"([0-9]+)")
_NO_LETTER = re.compile(r"[^A-Z]+")


@dataclass(frozen=True, slots=True)
class _Part:
    """One picture file: its place in the archive, its document, its pages and what they say."""

    place: int
    document: Document
    scans: Scans
    pages: tuple[PageText, ...]
    clues: tuple[Clues, ...]

    @property
    def family(self) -> tuple[str, str]:
        """Folder and letters of the name: the same for files that differ by a number."""
        path = PurePosixPath(self.document.name)
        return str(path.parent), _NO_LETTER.sub("", fold(path.stem))

    @property
    def is_silent(self) -> bool:
        """True when nothing on the pages says to which paper they belong."""
        return not any(page.title or page.barcodes or page.people or page.rows for page in self.clues)


def join_pictures(files: Sequence[tuple[tuple[Document, ...], Scans]]) -> tuple[tuple[Document, ...], ...]:
    """Return the documents of each file, with the papers that lie over several files read as a whole.

    `files` are the documents of each file of an archive, and what OCR read of its pages.

    The first file's document holds all that was read, with pages counted on from file to file; the others say which
    paper they continue.
    """
    joined = dict(enumerate(documents for documents, _ in files))
    groups = _groups(sorted(_parts(files), key=_natural))
    families = Counter(part.family for group in groups for part in group)
    for group in groups:
        if len(group) > 1:
            joined |= {part.place: (document,) for part, document in _read_whole(group)}
        elif families[group[0].family] > 1 and group[0].is_silent:
            joined[group[0].place] = (_with_doubt(group[0].document),)
    return tuple(joined[place] for place in range(len(files)))


def _parts(files: Sequence[tuple[tuple[Document, ...], Scans]]) -> Iterator[_Part]:
    for place, (documents, scans) in enumerate(files):
        if not is_picture(documents):
            continue
        document = documents[0]
        pages = tuple(
            scans.pages.get(number) or PageText(number, 0.0, 0.0, (), 1.0)
            for number in range(1, document.pages + 1)
        )
        clues = tuple(gather(page, glance(page), document.codes) for page in pages)
        yield _Part(place, document, scans, pages, clues)


def _natural(part: _Part) -> list[str | tuple[int, str]]:
    """Sort key of a name in which numbers count as numbers."""
    path = PurePosixPath(part.document.name)
    pieces = _NUMBER.split(fold(path.stem))
    return [fold(str(path.parent)), *(f"{int(p):020d}" if p.isdecimal() else p for p in pieces)]


def _groups(parts: Sequence[_Part]) -> list[list[_Part]]:
    groups: list[list[_Part]] = []
    for part in parts:
        same = next((group for group in groups if _barcodes(group) & _barcodes([part])), None)
        if same is not None:
            same.append(part)
        elif groups and _continues(groups[-1], part):
            groups[-1].append(part)
        else:
            groups.append([part])
    return [sorted(group, key=_by_page) for group in groups]


def _continues(group: Sequence[_Part], part: _Part) -> bool:
    """Tell whether a file continues the paper of the files before it, by its first page."""
    first, page = group[0], part.clues[0]
    if part.family != first.family or is_apart(_barcodes(group), _barcodes([part])):
        return False
    title, people = first.clues[0].title, _people(group)
    begins = page.counter is not None and page.counter[0] == 1
    if title is None or begins or is_apart(people, _people([part])):
        return False
    same_person = bool(people & page.people)
    if page.title is not None:
        return page.title is title and same_person and not page.barcodes
    return page.rows or same_person or page.counter is not None


def _by_page(part: _Part) -> tuple[int, bool]:
    """Order the files of a paper by their page counters, else the one with the title first."""
    page = part.clues[0]
    return (page.counter[0] if page.counter else 0), page.title is None


def _barcodes(group: Sequence[_Part]) -> frozenset[str]:
    return frozenset[str]().union(*(page.barcodes for part in group for page in part.clues))


def _people(group: Sequence[_Part]) -> frozenset[str]:
    return frozenset[str]().union(*(page.people for part in group for page in part.clues))


def _read_whole(group: Sequence[_Part]) -> Iterator[tuple[_Part, Document]]:
    """Read the pages of several files as one paper; nothing where they turn out to be several."""
    pages: list[PageText] = []
    codes: list[Code] = []
    scans = Scans()
    numbers: list[tuple[int, ...]] = []
    for part in group:
        before = len(pages)
        numbers.append(tuple(before + page.number for page in part.pages))
        codes += [replace(code, page=before + code.page) for code in part.document.codes]
        pages += [replace(page, number=before + page.number) for page in part.pages]
        scans = scans.followed_by(part.scans, before)
    (paper, *others) = find_papers(pages, codes)
    if others:
        return
    first = group[0].document
    unread = (doubt for part in group for doubt in part.document.page_doubts)
    whole = replace(
        first,
        pages=len(pages),
        codes=tuple(codes),
        page_numbers=numbers[0],
        page_doubts=(*dict.fromkeys((*paper.doubts, *unread)),),
    )
    read = read_paper(File(whole, tuple(pages), tuple(codes), _no_codes, scans), whole, pages)
    yield group[0], read
    for part, own in zip(group[1:], numbers[1:], strict=True):
        yield part, _continuation(part.document, read, own)


def _continuation(document: Document, read: Document, numbers: tuple[int, ...]) -> Document:
    """Say of a file that it continues a paper: what was read stands in the paper's document."""
    return Document(
        document.id,
        document.name,
        document.size,
        document.media,
        kind=read.kind,
        pages=document.pages,
        text=document.text,
        scan=True,
        codes=document.codes,
        recognition=read.recognition,
        readers=document.readers,
        page_numbers=numbers,
        part_of=read.key,
    )


def _with_doubt(document: Document) -> Document:
    doubt = "perhaps a page of a paper in another file"
    return replace(document, doubts=(*document.doubts, doubt), page_doubts=(*document.page_doubts, doubt))


def _no_codes(_numbers: Sequence[int]) -> tuple[Code, ...]:
    return ()
