"""Four eyes by their pages: who may second an override of a block, and what comes of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from review.desk import Desk
from storage.desk.accounts import Role
from storage.desk.audit import lines
from storage.models import CaseState, Employment, RulingState
from tests.review.decided import Officer, events_on, inbox_of, line_of, main_of, officer, unlabelled
from tests.review.visiting import Visitor
from tests.storage.desk.cases import put_blocked

Visit = Callable[..., Visitor]
WHY = "Çıkış bildirgesi iptal edilmiş."


def propose(visit: Visit, desk: Desk, folder: Path, role: Role = Role.REVIEWER) -> tuple[Officer, int]:
    """Propose an approval against a block; return who did and the ruling."""
    put_blocked(inbox_of(desk, folder))
    first = officer(visit, role, "ayla")
    first.decide("A-1", "approve", reason=WHY)
    (event,) = events_on(desk, "A-1")
    assert event.ruling is not None
    return first, event.ruling


def employments(desk: Desk) -> int:
    return desk.database.read(lambda work: len(work.session.scalars(select(Employment)).all()))


def state(desk: Desk) -> CaseState:
    line = line_of(desk, "A-1")
    return line.state


def test_a_proposal_is_listed_and_takes_effect_when_a_supervisor_agrees(
    visit: Visit, desk: Desk, tmp_path: Path
) -> None:
    _, ruling = propose(visit, desk, tmp_path)
    canan = officer(visit, Role.SUPERVISOR, "canan")
    listed = canan.visitor.get("/proposals").text
    assert f'href="/proposals/{ruling}"' in listed
    page = canan.visitor.get(f"/proposals/{ruling}").text
    assert WHY in page
    assert "Çalışma sona ermiş" in page
    assert unlabelled(page) == []
    before = employments(desk)
    sent = canan.visitor.post(f"/proposals/{ruling}", answer="agree")
    assert "onaylandı ve sicile yazıldı" in canan.visitor.get(sent.headers["location"]).text
    assert (state(desk), employments(desk)) == (CaseState.APPROVED, before + 1)
    assert "İkinci onay bekleyen karar yok." in canan.visitor.get("/proposals").text
    assert [line.action for line in desk.database.read(lines)].count("second") == 1


def test_a_declined_proposal_needs_a_reason_and_opens_the_case_again(
    visit: Visit, desk: Desk, tmp_path: Path
) -> None:
    _, ruling = propose(visit, desk, tmp_path)
    canan = officer(visit, Role.SUPERVISOR, "canan")
    canan.visitor.get(f"/proposals/{ruling}")
    silent = canan.visitor.post(f"/proposals/{ruling}", answer="decline")
    assert silent.status_code == 422
    assert 'id="decide-reason-wrong"' in silent.text
    nothing = canan.visitor.post(f"/proposals/{ruling}", reason="Görülmedi.")
    assert 'id="decide-answer-wrong"' in nothing.text
    canan.visitor.post(f"/proposals/{ruling}", answer="decline", reason="Belge yok.")
    (event,) = events_on(desk, "A-1")
    assert (event.state, event.second_reason) == (RulingState.DECLINED, "Belge yok.")
    assert state(desk) is CaseState.OPEN


def test_nobody_seconds_an_own_proposal(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    canan, ruling = propose(visit, desk, tmp_path, Role.SUPERVISOR)
    page = canan.visitor.get(f"/proposals/{ruling}").text
    assert "Bu öneri sizin." in page
    assert 'name="answer"' not in page
    forced = canan.visitor.post(f"/proposals/{ruling}", answer="agree")
    assert forced.status_code == 409
    assert "İkinci onayı öneriyi veren görevli veremez." in forced.text
    assert state(desk) is CaseState.PROPOSED


def test_a_reviewer_sees_what_waits_and_cannot_second_it(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    _, ruling = propose(visit, desk, tmp_path)
    bora = officer(visit, name="bora")
    page = bora.visitor.get(f"/proposals/{ruling}").text
    assert "İkinci onayı yalnız birim amiri verebilir." in page
    assert bora.visitor.post(f"/proposals/{ruling}", answer="agree").status_code == 403
    assert state(desk) is CaseState.PROPOSED


def test_whoever_seconds_second_is_told_that_it_is_done(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    _, ruling = propose(visit, desk, tmp_path)
    canan, derya = officer(visit, Role.SUPERVISOR, "canan"), officer(visit, Role.SUPERVISOR, "derya")
    for each in (canan, derya):
        each.visitor.get(f"/proposals/{ruling}")
    assert canan.visitor.post(f"/proposals/{ruling}", answer="agree").status_code == 303
    late = derya.visitor.post(f"/proposals/{ruling}", answer="agree")
    assert late.status_code == 409
    assert "Bu öneri artık ikinci onay beklemiyor." in main_of(late.text)
    assert derya.visitor.get(f"/proposals/{ruling}").status_code == 409


def test_a_proposal_is_withdrawn_by_opening_the_case_again(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    ayla, ruling = propose(visit, desk, tmp_path)
    ayla.decide("A-1", "reopen", reason="Yanlış başvuru.")
    assert state(desk) is CaseState.OPEN
    canan = officer(visit, Role.SUPERVISOR, "canan")
    assert canan.visitor.get(f"/proposals/{ruling}").status_code == 409


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR, Role.PROVIDER_QUERY])
def test_who_decides_nothing_is_refused(role: Role, visit: Visit, desk: Desk, tmp_path: Path) -> None:
    put_blocked(inbox_of(desk, tmp_path))
    visitor = visit(role)
    assert visitor.get("/cases/A-1/decide/approve").status_code == 403
    assert visitor.post("/cases/A-1/decide/approve", reason="x").status_code == 403
    assert visitor.get("/proposals").status_code == 403
