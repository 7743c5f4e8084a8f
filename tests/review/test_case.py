"""The case page over HTTP, on sample applications that were read and judged with their papers."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import update

from review.case_view import CaseView, load_case
from review.desk import Desk
from storage.columns import now
from storage.desk.accounts import Role
from storage.desk.audit import Action, Line, LineFilter, about, lines
from storage.models import Version
from tests.review.case_samples import served_samples
from tests.review.visiting import Visitor

KINDS = (
    "person_name_differs",
    "declaration_and_statement",
    "truncated",
    "paper_reused",
    "record_deletion",
    "person_not_declared",
    "application_not_json",
    "qr_person_mismatch",
    "several_in_one_file",
    "archive_encrypted",
    "employer_different",
    "personnel_removal",
)


def named(kind: str) -> str:
    """The id of the sample application of a kind."""
    return f"TS-2026-{KINDS.index(kind) + 1:06d}"


NAME, SEVERAL, DELETION = (
    named("person_name_differs"),
    named("declaration_and_statement"),
    named("record_deletion"),
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A running application whose registry holds the samples; its tests leave every case as they found it."""
    with served_samples(tmp_path_factory.mktemp("cases"), KINDS) as served:
        yield served.desk


@pytest.fixture(scope="module")
def officer(desk: Desk) -> Iterator[Visitor]:
    yield from logged_in(desk, Role.REVIEWER, "ayse.ornek")


@pytest.fixture(scope="module")
def colleague(desk: Desk) -> Iterator[Visitor]:
    yield from logged_in(desk, Role.SUPERVISOR, "isil.denemeci")


@pytest.fixture(scope="module")
def auditor(desk: Desk) -> Iterator[Visitor]:
    yield from logged_in(desk, Role.AUDITOR, "denetci")


def logged_in(desk: Desk, role: Role, name: str) -> Iterator[Visitor]:
    visitor = Visitor(desk)
    yield visitor.log_in(role, name)
    visitor.close()


def case_of(desk: Desk, application_id: str) -> CaseView:
    case = desk.database.read(lambda work: load_case(work, application_id))
    assert case is not None
    return case


def audited(desk: Desk, action: Action, application_id: str) -> tuple[Line, ...]:
    wanted = LineFilter(actions=(action,), object=about("application", application_id))
    return desk.database.read(lambda work: lines(work, wanted))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_case_is_shown_without_a_number_or_an_inline_style(
    kind: str, desk: Desk, officer: Visitor
) -> None:
    answer = officer.get(f"/cases/{named(kind)}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    case = case_of(desk, named(kind))
    numbers = {person.national_id for person in case.judgement.people} | set(case.mask.numbers)
    assert [number for number in numbers if number in answer.text] == []
    assert re.search(r"<[^>]*\s(style|on[a-z]+)=", answer.text) is None
    assert "<script>" not in answer.text


@pytest.mark.parametrize("kind", KINDS)
def test_links_within_a_case_lead_somewhere(kind: str, officer: Visitor) -> None:
    shown = officer.get(f"/cases/{named(kind)}").text
    ids = set(re.findall(r'\sid="([^"]+)"', shown))
    assert {link for link in re.findall(r'href="#([^"]+)"', shown) if link not in ids} == set()
    to_places = re.findall(r'<a class="to-place" href="([^"]+)"', shown)
    for link in {re.sub(r"&amp;finding=\d+", "", path) for path in to_places}:
        path, _, anchor = link.partition("#")
        other = officer.get(path)
        assert other.status_code == 200
        assert f'id="{anchor}"' in other.text or 'class="leaves"' not in other.text


def test_differing_name_is_marked_in_words_and_by_a_sign(officer: Visitor) -> None:
    shown = officer.get(f"/cases/{NAME}").text
    row = re.search(r'<tr class="different">.*?</tr>', shown, re.DOTALL)
    assert row is not None
    assert "<mark>BAŞKABİRİ</mark>" in row[0]
    assert "≠ farklı" in row[0]


def test_finding_points_at_its_box_and_the_box_at_its_question(officer: Visitor) -> None:
    shown = officer.get(f"/cases/{NAME}").text
    link = re.search(r'data-document="0" data-page="(\d+)" data-finding="(\d+)"', shown)
    assert link is not None
    box = re.search(rf'<a class="mark review[^>]*href="#question-{link[2]}"[^>]*>.*?<rect ([^>]*)>', shown)
    assert box is not None
    assert all(float(number) > 0 for number in re.findall(r'="([\d.]+)"', box[1]))
    pointed = officer.get(f"/cases/{NAME}?document=0&finding={link[2]}").text
    assert re.search(rf'class="mark review [a-z]+ pointed" href="#question-{link[2]}"', pointed)


def test_every_load_of_the_page_has_one_line_in_the_audit_trail(desk: Desk, officer: Visitor) -> None:
    before = len(audited(desk, Action.VIEW_CASE, SEVERAL))
    officer.get(f"/cases/{SEVERAL}")
    officer.get(f"/cases/{SEVERAL}?document=1")
    views = audited(desk, Action.VIEW_CASE, SEVERAL)
    assert len(views) - before == 2
    assert views[0].account == "ayse.ornek"
    assert views[0].details == {"judgement": case_of(desk, SEVERAL).judgement_id, "part": "page"}
    documents = {line.details["document"] for line in audited(desk, Action.VIEW_PAPER, SEVERAL)}
    assert documents == {0, 1}


def test_another_paper_comes_by_itself_for_a_script_and_as_a_page_without(officer: Visitor) -> None:
    part = officer.get(f"/cases/{SEVERAL}/papers/1", headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert part.text.lstrip().startswith('<section id="paper"')
    assert 'data-open="1"' in part.text
    whole = officer.get(f"/cases/{SEVERAL}/papers/1")
    assert (whole.status_code, whole.headers["location"]) == (303, f"/cases/{SEVERAL}?document=1")
    assert officer.get(f"/cases/{SEVERAL}?document=7").status_code == 404


def test_number_is_revealed_by_post_with_a_line_about_the_person(desk: Desk, officer: Visitor) -> None:
    number = case_of(desk, NAME).judgement.people[0].national_id
    before = len(audited(desk, Action.REVEAL, NAME))
    assert officer.get(f"/cases/{NAME}/reveal?person=0").status_code == 405
    answer = officer.post(f"/cases/{NAME}/reveal", person="0")
    assert number in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert len(audited(desk, Action.REVEAL, NAME)) - before == 1
    of_person = desk.database.read(lambda work: lines(work, LineFilter(person=number)))
    assert Action.REVEAL in {line.action for line in of_person}
    assert officer.post(f"/cases/{NAME}/reveal", person="1").status_code == 400
    assert officer.post(f"/cases/{NAME}/reveal").status_code == 400
    assert len(audited(desk, Action.REVEAL, NAME)) - before == 1


def test_number_replaces_the_masked_ones_where_a_script_asks(desk: Desk, officer: Visitor) -> None:
    officer.get(f"/cases/{NAME}")
    headers = {"HX-Request": "true", "X-CSRF-Token": officer.token, "Origin": officer.url}
    part = officer.http.post(f"/cases/{NAME}/reveal", data={"person": "0"}, headers=headers).text
    assert re.findall(r'id="([^"]+)"', part) == ["number-0", "declared-0-0", "read-0-0"]
    assert part.count(case_of(desk, NAME).judgement.people[0].national_id) == 3


def test_number_is_not_revealed_without_the_token_nor_to_an_auditor(
    desk: Desk, officer: Visitor, auditor: Visitor
) -> None:
    before = len(audited(desk, Action.REVEAL, NAME))
    assert officer.post(f"/cases/{NAME}/reveal", csrf="another", person="0").status_code == 403
    shown = auditor.get(f"/cases/{NAME}")
    assert shown.status_code == 200
    assert "Üzerime al" not in shown.text
    assert ">Göster</button>" not in shown.text
    assert auditor.post(f"/cases/{NAME}/reveal", person="0").status_code == 403
    assert auditor.post(f"/cases/{NAME}/claim", do="take").status_code == 403
    assert len(audited(desk, Action.REVEAL, NAME)) == before


def test_case_is_taken_held_against_others_and_given_back(officer: Visitor, colleague: Visitor) -> None:
    path = f"/cases/{NAME}/claim"
    officer.get(f"/cases/{NAME}")
    assert officer.post(path, do="take").headers["location"] == f"/cases/{NAME}"
    mine = officer.get(f"/cases/{NAME}").text
    assert "Başvuru sizde" in mine
    assert "data-renew" in mine
    theirs = colleague.get(f"/cases/{NAME}").text
    assert "Bu başvuruya Deneme reviewer bakıyor" in theirs
    assert "data-renew" not in theirs
    for deed in ("take", "renew", "release"):
        colleague.post(path, do=deed)
    assert "Bu başvuruya Deneme reviewer bakıyor" in colleague.get(f"/cases/{NAME}").text
    officer.post(path, do="release")
    assert "şu anda kimse bakmıyor" in colleague.get(f"/cases/{NAME}").text


def test_renewal_leaves_the_panel_of_the_decision_alone(officer: Visitor) -> None:
    officer.get(f"/cases/{NAME}")
    headers = {"HX-Request": "true", "X-CSRF-Token": officer.token, "Origin": officer.url}
    taken = officer.http.post(f"/cases/{NAME}/claim", data={"do": "take"}, headers=headers).text
    renewed = officer.http.post(f"/cases/{NAME}/claim", data={"do": "renew"}, headers=headers).text
    officer.post(f"/cases/{NAME}/claim", do="release")
    assert 'id="decision" hx-swap-oob="true"' in taken
    assert 'id="decision"' not in renewed
    assert "Başvuru sizde" in renewed


def test_renewal_of_a_claim_that_was_lost_tells_so(officer: Visitor) -> None:
    officer.get(f"/cases/{NAME}")
    headers = {"HX-Request": "true", "X-CSRF-Token": officer.token, "Origin": officer.url}
    renewed = officer.http.post(f"/cases/{NAME}/claim", data={"do": "renew"}, headers=headers).text
    assert "şu anda kimse bakmıyor" in renewed
    assert "data-renew" not in renewed


def test_only_cases_of_the_queue_can_be_taken(officer: Visitor) -> None:
    shown = officer.get(f"/cases/{SEVERAL}").text
    assert "Üzerime al" not in shown
    assert officer.post(f"/cases/{SEVERAL}/claim", do="take").status_code == 404
    assert officer.post(f"/cases/{NAME}/claim", do="steal").status_code == 400


def test_what_cannot_be_shown_is_told(officer: Visitor) -> None:
    shown = officer.get(f"/cases/{named('truncated')}").text
    assert "gösterilemiyor" in shown
    assert 'class="leaves"' not in shown


def test_destroyed_files_are_told(desk: Desk, officer: Visitor) -> None:
    of_version = update(Version).where(Version.id == case_of(desk, SEVERAL).version)
    desk.database.transact(lambda work: work.session.execute(of_version.values(evidence_destroyed_at=now())))
    shown = officer.get(f"/cases/{SEVERAL}").text
    desk.database.transact(lambda work: work.session.execute(of_version.values(evidence_destroyed_at=None)))
    assert "Yüklenen dosyalar, saklama süresi dolduğundan" in shown
    assert 'class="leaves"' not in shown
    assert "✓ aynı" in shown  # what was read is still there


def test_petition_is_shown(officer: Visitor) -> None:
    shown = officer.get(f"/cases/{DELETION}").text
    picture = re.search(r'src="(/cases/[^"]+w=1400[^"]*)"', shown)
    assert picture is not None
    assert officer.get(picture[1].replace("&amp;", "&")).headers["content-type"].startswith("image/")
    assert '<h2 id="paper-name" class="paper-name">Dilekçe' in shown


def test_papers_of_nobody_declared_stand_by_themselves(officer: Visitor) -> None:
    shown = officer.get(f"/cases/{named('person_not_declared')}").text
    assert "Beyan edilen kişilerden birine bağlanamayan belgeler" in shown


def test_other_applications_with_the_same_paper_are_named_on_both_sides(officer: Visitor) -> None:
    reused = named("paper_reused")
    first, second = (officer.get(f"/cases/{name}").text for name in (reused, f"{reused}-B"))
    assert f'href="/cases/{reused}-B"' in first
    assert f'href="/cases/{reused}"' in second


def test_history_tells_of_case_people_and_provider(desk: Desk, officer: Visitor) -> None:
    reused = named("paper_reused")
    before = len(audited(desk, Action.VIEW_CASE, reused))
    shown = officer.get(f"/cases/{reused}/history").text
    person = case_of(desk, reused).judgement.people[0].national_id
    assert "güncel" in shown
    assert "Süren çalışma kayıtları: 1" in shown
    assert "Vergi numarası" in shown
    assert person not in shown
    assert f'href="/cases/{reused}-B"' in shown
    assert audited(desk, Action.VIEW_CASE, reused)[0].details["part"] == "history"
    assert len(audited(desk, Action.VIEW_CASE, reused)) - before == 1


def test_unknown_application_is_told_and_leaves_no_line(desk: Desk, officer: Visitor) -> None:
    answer = officer.get("/cases/TS-0")
    assert answer.status_code == 404
    assert "kayıtlarda yok" in answer.text
    assert audited(desk, Action.VIEW_CASE, "TS-0") == ()
