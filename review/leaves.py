"""Papers as people turn their pages: which page of which file is page so-and-so of a document.

A paper over several files (`part_of`) is turned as one, with the pages counted as its facts count them; a file that
holds several papers is several, and pages of it that are no paper's go with the paper before them, so that none is
hidden. Pure functions of the facts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from extractors.facts import Document, FaultCode, Media, Upload

_DRAWN = frozenset({Media.PDF, Media.IMAGE})


@dataclass(frozen=True, slots=True)
class Source:
    """A file whose pages can be drawn: the upload's SHA-256, and the id of the document in it.

    Without a document the uploaded file itself is drawn: the petition of m.4(3) is no archive.
    """

    upload: str
    document: str | None


@dataclass(frozen=True, slots=True)
class Leaf:
    """Page `page` of a paper, as its facts count, is page `file_page` (from 1) of the file."""

    page: int
    source: Source
    file_page: int


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper of a case: the position of its document in the case (from 0) and its pages in order.

    `documents` are the positions of all its documents, of which the others continue it. How many pages there are is not
    known where the file could not be read (`counted` is False, `leaves` has the first): drawing tells. An `infected`
    one is not opened at all.
    """

    document: int
    documents: tuple[int, ...]
    leaves: tuple[Leaf, ...]
    counted: bool = True
    infected: bool = False

    def leaf(self, page: int) -> Leaf | None:
        """Return a page; None where the paper has no such page."""
        if not self.counted and page > 0:
            return Leaf(page, self.leaves[0].source, page)
        return next((leaf for leaf in self.leaves if leaf.page == page), None)


def papers_of(uploads: Sequence[Upload], petition: str | None = None) -> tuple[Paper, ...]:
    """Return the papers of a case that have pages to draw; the petition (its SHA-256) comes after the documents."""
    placed = list(_placed(uploads))
    parts = _parts(placed)
    papers = [paper for item in placed if (paper := _paper(item, placed, parts)) is not None]
    if petition is not None:
        leaf = Leaf(1, Source(petition, None), 1)
        infected = petition in infected_files(uploads)
        papers.append(Paper(len(placed), (len(placed),), (leaf,), counted=False, infected=infected))
    return tuple(papers)


def infected_files(uploads: Sequence[Upload]) -> frozenset[str]:
    """Return the SHA-256 of the uploads in which, or in a document of which, malware was found."""
    return frozenset(upload.sha256 for upload in uploads if _is_infected(upload))


def _is_infected(upload: Upload) -> bool:
    whole = upload.fault is not None and upload.fault.code is FaultCode.MALWARE_FOUND
    return whole or any(map(_has_malware, upload.documents))


def _has_malware(document: Document) -> bool:
    return any(fault.code is FaultCode.MALWARE_FOUND for fault in document.faults)


@dataclass(frozen=True, slots=True)
class _Placed:
    position: int
    upload: int
    source: Source
    document: Document


def _placed(uploads: Sequence[Upload]) -> Iterator[_Placed]:
    position = 0
    for place, upload in enumerate(uploads):
        for document in upload.documents:
            yield _Placed(position, place, Source(upload.sha256, document.id), document)
            position += 1


def _parts(placed: Sequence[_Placed]) -> Mapping[int, int]:
    """Return, by position of a document that continues another, the position of that one."""
    firsts: dict[tuple[int, str], int] = {}
    for item in placed:
        if item.document.part_of is None:
            firsts.setdefault((item.upload, item.document.key), item.position)
    return {
        item.position: firsts[item.upload, item.document.part_of]
        for item in placed
        if item.document.part_of is not None and (item.upload, item.document.part_of) in firsts
    }


def _paper(item: _Placed, placed: Sequence[_Placed], parts: Mapping[int, int]) -> Paper | None:
    document = item.document
    if document.media not in _DRAWN or item.position in parts:
        return None
    others = [placed[part] for part, first in parts.items() if first == item.position]
    if others:
        files = [item, *others]
        leaves = [leaf for file in files for leaf in _counted_on(file)]
        positions = tuple(file.position for file in files)
        return Paper(item.position, positions, tuple(sorted(leaves, key=lambda leaf: leaf.page)))
    numbers = _own_pages(item, placed) if document.papers > 1 else range(1, max(document.pages, 1) + 1)
    leaves = [Leaf(number, item.source, number) for number in numbers]
    counted, infected = document.pages > 0, _has_malware(document)
    return Paper(item.position, (item.position,), tuple(leaves), counted, infected)


def _counted_on(file: _Placed) -> Iterator[Leaf]:
    for file_page, number in enumerate(file.document.page_numbers, start=1):
        yield Leaf(number, file.source, file_page)


def _own_pages(item: _Placed, placed: Sequence[_Placed]) -> Iterator[int]:
    """Yield the pages of one paper of a file that holds several, and those after them that are no paper's."""
    papers = [other.document for other in placed if other.source == item.source]
    owner = papers[0].paper
    for number in range(1, item.document.pages + 1):
        owner = next((paper.paper for paper in papers if number in paper.page_numbers), owner)
        if owner == item.document.paper:
            yield number
