from datetime import timedelta

import pytest
from sqlalchemy import update

from storage.columns import now
from storage.desk.audit import Action, LineFilter, lines
from storage.desk.claims import LEASE, Claim, HeldBy, NoSuchCase, claim_case, release, renew
from storage.models import ClaimRow
from tests.storage.desk.cases import Desk, put_for_review


def run_out(desk: Desk) -> None:
    """Let every lease end."""
    with desk.database.unit_of_work() as work:
        work.session.execute(update(ClaimRow).values(leased_until=now() - timedelta(seconds=1)))
        work.commit()


def test_a_case_is_held_by_one(desk: Desk) -> None:
    put_for_review(desk.inbox)
    claim = claim_case(desk.database, "A-1", desk.reviewer)
    assert isinstance(claim, Claim)
    assert now() < claim.until <= now() + LEASE
    held = claim_case(desk.database, "A-1", desk.colleague)
    assert held == HeldBy("A-1", desk.reviewer.id, "ayla", claim.until, "Ayla")


def test_who_holds_a_case_may_claim_it_again(desk: Desk) -> None:
    put_for_review(desk.inbox)
    claim_case(desk.database, "A-1", desk.reviewer)
    assert isinstance(claim_case(desk.database, "A-1", desk.reviewer), Claim)
    with desk.database.reading() as work:
        assert len(lines(work, LineFilter(actions=(Action.CLAIM,)))) == 1


def test_a_lease_that_ran_out_is_anybodys(desk: Desk) -> None:
    put_for_review(desk.inbox)
    claim_case(desk.database, "A-1", desk.reviewer)
    run_out(desk)
    assert isinstance(claim_case(desk.database, "A-1", desk.colleague), Claim)
    renewed = renew(desk.database, "A-1", desk.reviewer)
    assert isinstance(renewed, HeldBy)
    assert renewed.name == "bora"


def test_a_lease_is_renewed_while_it_lasts(desk: Desk) -> None:
    put_for_review(desk.inbox)
    claim = claim_case(desk.database, "A-1", desk.reviewer)
    renewed = renew(desk.database, "A-1", desk.reviewer)
    assert isinstance(claim, Claim)
    assert isinstance(renewed, Claim)
    assert renewed.until >= claim.until
    run_out(desk)
    assert renew(desk.database, "A-1", desk.reviewer) is None


def test_only_the_holder_gives_a_case_back(desk: Desk) -> None:
    put_for_review(desk.inbox)
    claim_case(desk.database, "A-1", desk.reviewer)
    assert not release(desk.database, "A-1", desk.colleague)
    assert release(desk.database, "A-1", desk.reviewer)
    assert not release(desk.database, "A-1", desk.reviewer)
    assert isinstance(claim_case(desk.database, "A-1", desk.colleague), Claim)


def test_what_is_no_case_is_told(desk: Desk) -> None:
    with pytest.raises(NoSuchCase):
        claim_case(desk.database, "A-9", desk.reviewer)
    assert renew(desk.database, "A-9", desk.reviewer) is None
    assert not release(desk.database, "A-9", desk.reviewer)
