"""Papers opened from the evidence store by the sandbox, drawn once; and calm answers."""

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import update

from extractors.facts import Fault, FaultCode, Upload
from extractors.page_views import READING_WIDTH, STRIP_WIDTH
from extractors.sandbox import Sandbox, SandboxLimits
from review import drawing
from review.cache import PageCache
from review.desk import Desk, open_desk
from review.drawing import Drawing, Unseen
from review.leaves import papers_of
from review.papers import CasePapers, Papers, open_papers, why_unseen
from review.texts import Language
from storage.database import Database
from storage.desk.accounts import Role, create_account
from storage.evidence import EvidenceStore
from storage.models import Version
from storage.retention import destroy_due
from storage.settings import Settings
from tests.papers import archives, bundles
from tests.papers.style import Style
from tests.papers.with_reportlab import draw_protected
from tests.review.papers_desk import (
    ID,
    PAGES,
    PAPER,
    STATEMENT,
    die,
    digest,
    enter,
    fact,
    grey,
    hang,
    opened_files,
    put_statement,
    seen,
    unreadable,
)
from tests.storage.fixtures import database_on, postgres_database, sqlite_database

BLANK = bundles.blank_page()

__all__ = ["database", "postgres_database", "sqlite_database"]


@pytest.fixture
def closed_desk(desk_settings: Settings) -> Iterator[Desk]:
    """A desk without a running application."""
    opened = open_desk(desk_settings)
    yield opened
    opened.database.close()


@pytest.fixture
def papers(closed_desk: Desk) -> Iterator[Papers]:
    with open_papers(closed_desk) as opened:
        yield opened


def case_of(papers: Papers, application_id: str = ID, version: int | None = None) -> CasePapers:
    case = papers.of(application_id, version)
    assert case is not None
    return case


def test_a_statement_is_opened_once_for_all_its_pages(
    papers: Papers, closed_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "SECONDS", 60.0)
    put_statement(closed_desk, tmp_path)
    calls = opened_files(monkeypatch)
    case = case_of(papers)
    paper = papers.open(case, 0)
    assert paper is not None
    assert [page.page for page in paper.pages] == list(range(1, PAGES + 1))
    assert paper.sizes[1] == pytest.approx((595, 842), abs=1)
    for page in paper.sizes:
        assert grey(papers.picture(case, 0, page, READING_WIDTH)).shape[1] == pytest.approx(
            READING_WIDTH, abs=1
        )
        assert grey(papers.picture(case, 0, page, STRIP_WIDTH)).shape[1] == pytest.approx(STRIP_WIDTH, abs=1)
    assert papers.open(case, 0) == paper
    assert len(calls) == 1


def test_a_page_that_time_did_not_allow_is_drawn_when_it_is_asked_for(
    papers: Papers, closed_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "SECONDS", 0.0)
    put_statement(closed_desk, tmp_path)
    calls = opened_files(monkeypatch)
    case = case_of(papers)
    papers.open(case, 0)
    last = grey(papers.picture(case, 0, PAGES, STRIP_WIDTH))
    first = grey(papers.picture(case, 0, 1, STRIP_WIDTH))
    assert len(calls) == 2
    assert last.shape == first.shape
    assert (last != first).any()


def test_what_is_kept_of_a_page_is_sealed(papers: Papers, closed_desk: Desk, tmp_path: Path) -> None:
    data = put_statement(closed_desk, tmp_path)
    papers.open(case_of(papers), 0)
    kept = [path for path in (tmp_path / "kanit" / "pages").rglob("*") if path.is_file()]
    assert {path.parent.name for path in kept} == {digest(data)}
    assert not any(path.read_bytes()[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0") for path in kept)


def test_nothing_of_opened_evidence_is_written_to_a_disk(
    papers: Papers, closed_desk: Desk, tmp_path: Path
) -> None:
    data = put_statement(closed_desk, tmp_path)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    papers.open(case_of(papers), 0)
    new = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    assert new
    assert all(STATEMENT[:200] not in path.read_bytes() for path in new)
    assert all(data[:200] not in path.read_bytes() for path in new)


def test_a_paper_over_several_pictures_is_one_paper(
    papers: Papers, closed_desk: Desk, tmp_path: Path
) -> None:
    files = bundles.pictures(STATEMENT, "hizmet", dpi=60)
    first, second, *_ = files.items()
    whole = fact(*first, pages=2, page_numbers=(1,))
    enter(
        closed_desk,
        tmp_path,
        dict([first, second]),
        whole,
        fact(*second, page_numbers=(2,), part_of=whole.key),
    )
    case = case_of(papers)
    assert len(case.papers) == 1
    opened = papers.open(case, 1)
    assert opened is not None
    assert opened == papers.open(case, 0)
    assert [page.page for page in opened.pages] == [1, 2]
    sizes = [Image.open(io.BytesIO(data)).size for data in files.values()]
    assert [opened.sizes[1], opened.sizes[2]] == [pytest.approx(size) for size in sizes[:2]]
    for page, (_, data) in enumerate([first, second], start=1):
        original = np.asarray(Image.open(io.BytesIO(data)).convert("L"), np.int16)
        assert np.abs(grey(papers.picture(case, 0, page, READING_WIDTH)) - original).mean() < 5
    assert papers.picture(case, 0, 3, READING_WIDTH) is None


def test_each_paper_of_a_file_shows_its_own_pages(papers: Papers, closed_desk: Desk, tmp_path: Path) -> None:
    merged = bundles.merged((STATEMENT, [1]), bundles.blank_page())
    parts = [fact("a.pdf", merged, 2, papers=2, paper=n, page_numbers=(n,)) for n in (1, 2)]
    enter(closed_desk, tmp_path, {"a.pdf": merged}, *parts)
    case = case_of(papers)
    assert [[page.page for page in papers.open(case, n).pages] for n in (0, 1)] == [[1], [2]]  # type: ignore[union-attr]  # both are there
    assert grey(papers.picture(case, 0, 1, STRIP_WIDTH)).min() < 200
    assert grey(papers.picture(case, 1, 2, STRIP_WIDTH)).min() == 255
    assert papers.picture(case, 1, 1, STRIP_WIDTH) is None


def test_a_file_that_no_reader_could_open_is_shown_as_far_as_it_can_be(
    papers: Papers, closed_desk: Desk, tmp_path: Path
) -> None:
    enter(closed_desk, tmp_path, {"a.pdf": STATEMENT}, unreadable("a.pdf", STATEMENT))
    case = case_of(papers)
    opened = papers.open(case, 0)
    assert opened is not None
    assert len(opened.pages) == PAGES
    assert isinstance(papers.picture(case, 0, PAGES, STRIP_WIDTH), bytes)
    assert papers.picture(case, 0, PAGES + 1, STRIP_WIDTH) is Unseen.DAMAGED


@pytest.mark.parametrize(
    ("file", "unseen"),
    [
        (b"%PDF-1.7\n" + b"x" * 500, Unseen.DAMAGED),
        (draw_protected(PAPER, Style(), user="gizli"), Unseen.PASSWORD),
        (STATEMENT[: len(STATEMENT) // 3], Unseen.DAMAGED),
    ],
)
def test_what_is_wrong_with_a_file_is_a_calm_answer(
    file: bytes, unseen: Unseen, papers: Papers, closed_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(closed_desk, closed_desk.settings.home, {"a.pdf": file}, unreadable("a.pdf", file))
    calls = opened_files(monkeypatch)
    case = case_of(papers)
    opened = papers.open(case, 0)
    assert opened is not None
    assert (opened.pages, opened.unseen) == ((), unseen)
    assert papers.picture(case, 0, 1, STRIP_WIDTH) is unseen
    assert len(calls) == 1  # it is not opened for every picture


def test_what_malware_was_found_in_is_not_opened(
    papers: Papers, closed_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    infected = replace(unreadable("b.pdf", BLANK), faults=(Fault(FaultCode.MALWARE_FOUND),))
    files = {"a.pdf": STATEMENT, "b.pdf": BLANK}
    enter(closed_desk, tmp_path, files, fact("a.pdf", STATEMENT, PAGES), infected)
    calls = opened_files(monkeypatch)
    case = case_of(papers)
    opened = papers.open(case, 1)
    assert opened is not None
    assert (opened.pages, opened.unseen) == ((), Unseen.MALWARE)
    assert papers.picture(case, 1, 1, STRIP_WIDTH) is Unseen.MALWARE
    assert calls == []
    assert isinstance(papers.picture(case, 0, 1, STRIP_WIDTH), bytes), "its neighbour is shown"


def test_a_petition_in_which_malware_was_found_is_not_opened() -> None:
    infected = Upload("dilekce.pdf", "ab" * 32, 10, Fault(FaultCode.MALWARE_FOUND))
    (paper,) = papers_of((infected,), "ab" * 32)
    assert paper.infected
    (paper,) = papers_of((infected,), "cd" * 32)
    assert not paper.infected


def test_a_damaged_zip_is_a_calm_answer(papers: Papers, closed_desk: Desk, tmp_path: Path) -> None:
    broken = archives.wrong_checksum({"a.pdf": STATEMENT})
    enter(closed_desk, tmp_path, {}, fact("a.pdf", STATEMENT), packed=broken)
    opened = papers.open(case_of(papers), 0)
    assert opened is not None
    assert opened.unseen is Unseen.DAMAGED


def test_a_document_that_the_zip_does_not_hold_is_missing(
    papers: Papers, closed_desk: Desk, tmp_path: Path
) -> None:
    enter(closed_desk, tmp_path, {"a.pdf": STATEMENT}, fact("b.pdf", bundles.blank_page()))
    assert papers.picture(case_of(papers), 0, 1, STRIP_WIDTH) is Unseen.MISSING


def test_missing_evidence_is_a_calm_answer_and_is_asked_for_again(
    papers: Papers, closed_desk: Desk, tmp_path: Path
) -> None:
    data = put_statement(closed_desk, tmp_path)
    closed_desk.evidence.delete(digest(data))
    case = case_of(papers)
    assert papers.picture(case, 0, 1, STRIP_WIDTH) is Unseen.MISSING
    closed_desk.evidence.put(data)
    assert isinstance(papers.picture(case, 0, 1, STRIP_WIDTH), bytes)


def test_altered_evidence_is_a_calm_answer(papers: Papers, closed_desk: Desk, tmp_path: Path) -> None:
    digest_of_zip = digest(put_statement(closed_desk, tmp_path))
    sealed = tmp_path / "kanit" / "evidence" / digest_of_zip[:2] / digest_of_zip
    sealed.write_bytes(sealed.read_bytes()[:-1] + b"x")
    assert papers.picture(case_of(papers), 0, 1, STRIP_WIDTH) is Unseen.UNREACHABLE


def test_what_retention_destroyed_is_not_shown_from_the_cache_either(
    papers: Papers, closed_desk: Desk, tmp_path: Path
) -> None:
    put_statement(closed_desk, tmp_path)
    assert isinstance(papers.picture(case_of(papers), 0, 1, STRIP_WIDTH), bytes)
    destroyed = update(Version).values(evidence_destroyed_at=datetime.now(UTC))
    closed_desk.database.transact(lambda work: work.session.execute(destroyed))
    case = case_of(papers)
    opened = papers.open(case, 0)
    assert opened is not None
    assert (opened.pages, opened.unseen) == ((), Unseen.DESTROYED)
    assert papers.picture(case, 0, 1, STRIP_WIDTH) is Unseen.DESTROYED


def test_retention_leaves_no_drawn_page(papers: Papers, closed_desk: Desk, tmp_path: Path) -> None:
    put_statement(closed_desk, tmp_path)
    papers.open(case_of(papers), 0)
    pages = closed_desk.settings.home / "pages"
    destroy_due(closed_desk.settings, dry_run=True)
    assert pages.exists()
    destroy_due(closed_desk.settings, dry_run=False)
    assert not pages.exists()


database = database_on("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


def test_papers_are_found_and_looks_noted_on_every_database(
    database: Database, desk_settings: Settings, tmp_path: Path
) -> None:
    desk = Desk(desk_settings, database, EvidenceStore(str(tmp_path / "store"), database.keys))
    reviewer = create_account(database, "zeynep", "Zeynep Deneme", Role.REVIEWER, None)
    put_statement(desk, tmp_path)
    with open_papers(desk) as papers:
        case = case_of(papers)
        assert isinstance(papers.picture(case, 0, 1, STRIP_WIDTH), bytes)
        assert papers.of(ID, case.version) == case
        for session in ("morning", "evening", "evening"):
            papers.note_look(ID, case, 0, session, reviewer.actor("192.0.2.1"))
    assert [line.account for line in seen(desk, person="10000000078")] == ["zeynep", "zeynep"]


@pytest.mark.parametrize(("child", "unseen"), [(hang, Unseen.TIMEOUT), (die, Unseen.CRASHED)])
def test_a_child_that_is_lost_is_a_calm_answer(
    child: Callable[..., None],
    unseen: Unseen,
    closed_desk: Desk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put_statement(closed_desk, tmp_path)
    monkeypatch.setattr(drawing, "view_upload", child)
    cache = PageCache(tmp_path / "pages", closed_desk.database.keys)
    with Sandbox(1, SandboxLimits(seconds=0.5), "fork") as sandbox:
        papers = Papers(closed_desk.database, Drawing(closed_desk.evidence, cache, sandbox))
        assert papers.picture(case_of(papers), 0, 1, STRIP_WIDTH) is unseen
        opened = papers.open(case_of(papers), 0)
    assert opened is not None
    assert opened.unseen is unseen


def test_a_file_that_could_not_be_opened_is_tried_again_after_a_while(
    papers: Papers, closed_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = STATEMENT[: len(STATEMENT) // 3]
    enter(closed_desk, tmp_path, {"a.pdf": broken}, unreadable("a.pdf", broken))
    calls = opened_files(monkeypatch)
    case = case_of(papers)
    for _ in range(2):
        assert papers.picture(case, 0, 1, STRIP_WIDTH) is Unseen.DAMAGED
    assert len(calls) == 1
    monkeypatch.setattr(drawing, "_TRY_AGAIN", 0.0)
    assert papers.picture(case, 0, 1, STRIP_WIDTH) is Unseen.DAMAGED
    assert len(calls) == 2


def test_a_full_disk_takes_no_page_from_anybody(
    papers: Papers, closed_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    put_statement(closed_desk, tmp_path)
    monkeypatch.setattr(PageCache, "put", full)
    assert isinstance(papers.picture(case_of(papers), 0, 1, STRIP_WIDTH), bytes)


def test_many_who_ask_at_the_same_time_wait_for_one_drawing(
    papers: Papers, closed_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "SECONDS", 60.0)
    put_statement(closed_desk, tmp_path)
    calls = opened_files(monkeypatch)
    case = case_of(papers)
    with ThreadPoolExecutor(8) as threads:
        strip = [threads.submit(papers.picture, case, 0, n, STRIP_WIDTH) for n in range(1, PAGES + 1)]
        assert all(isinstance(each.result(), bytes) for each in strip)
    assert len(calls) == 1


def test_what_is_not_there_is_not_found(papers: Papers, closed_desk: Desk, tmp_path: Path) -> None:
    put_statement(closed_desk, tmp_path)
    case = case_of(papers)
    assert papers.of("TS-UNKNOWN") is None
    assert papers.of(ID, case.version + 1) is None
    assert papers.open(case, 1) is None
    assert papers.picture(case, 1, 1, STRIP_WIDTH) is None
    assert papers.picture(case, 0, PAGES + 1, STRIP_WIDTH) is None


def test_an_earlier_version_can_still_be_looked_at(papers: Papers, closed_desk: Desk, tmp_path: Path) -> None:
    put_statement(closed_desk, tmp_path)
    before = case_of(papers)
    enter(closed_desk, tmp_path, {"b.pdf": bundles.blank_page()})
    now = case_of(papers)
    assert now.version != before.version
    assert grey(papers.picture(now, 0, 1, STRIP_WIDTH)).min() == 255
    assert grey(papers.picture(case_of(papers, version=before.version), 0, 1, STRIP_WIDTH)).min() < 200


def test_the_version_of_another_application_is_not_shown(
    papers: Papers, closed_desk: Desk, tmp_path: Path
) -> None:
    put_statement(closed_desk, tmp_path)
    enter(closed_desk, tmp_path, {"b.pdf": bundles.blank_page()}, application_id="TS-OTHER")
    assert papers.of("TS-OTHER", case_of(papers).version) is None


@pytest.mark.parametrize("language", Language)
def test_every_answer_has_a_sentence(language: Language) -> None:
    sentences = {why_unseen(unseen, language) for unseen in Unseen}
    assert len(sentences) == len(Unseen)
    assert all(sentence.endswith(".") for sentence in sentences)
