"""A paper that was evidence before: of an earlier application, or of one that was verified."""

import json

from extractors.facts import Upload
from storage.reuse import papers_of_others
from tests.storage.samples import (
    AYSE,
    Inbox,
    application,
    certificate,
    register,
    statement,
)
from tests.storage.views import codes_of, decision_of
from validators.application import Application
from validators.finding import Code, Decision


def test_a_paper_of_an_earlier_application_flags_the_later_one(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("A-1", "personnel_addition", day="2026-11-21"), statement())
    inbox.put(application("A-2", "personnel_addition"), statement())
    inbox.run()
    assert codes_of(inbox, "A-1") == {Code.DOCUMENT_REUSED}
    assert decision_of(inbox, "A-2") is Decision.VERIFIED


def test_one_night_or_two_make_no_difference(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("A-2", "personnel_addition"), statement())
    inbox.run()
    inbox.put(application("A-1", "personnel_addition", day="2026-11-21"), statement())
    inbox.run()
    assert codes_of(inbox, "A-1") == {Code.DOCUMENT_REUSED}
    assert decision_of(inbox, "A-2") is Decision.VERIFIED


def test_a_paper_on_which_somebody_was_verified_is_used_however_early_the_other_says_it_was(
    inbox: Inbox,
) -> None:
    register(inbox, AYSE)
    inbox.put(application("A-1", "personnel_addition", day="2026-11-21"), statement())
    inbox.run()
    inbox.put(application("A-2", "personnel_addition"), statement())
    inbox.run()
    assert codes_of(inbox, "A-2") == {Code.DOCUMENT_REUSED}


def test_a_paper_with_the_same_barcode_is_the_same_paper(inbox: Inbox) -> None:
    """Case, dashes and spaces do not count; that the bytes differ does not help."""
    register(inbox, AYSE)
    inbox.put(application("A-1"), statement(barcode="hd12-3456-7890-abcd"))
    inbox.put(application("A-2", "personnel_addition"), statement(barcode="HD1234567890ABCD"))
    inbox.run()
    assert codes_of(inbox, "A-2") == {Code.DOCUMENT_REUSED}


def test_a_paper_that_an_application_no_longer_has_is_not_reused(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("A-1"), statement())
    inbox.run()
    inbox.put(application("A-1"), statement(barcode="hd55-5555-5555-5555"))
    inbox.put(application("A-2", "personnel_addition"), statement())
    inbox.run()
    assert decision_of(inbox, "A-2") is Decision.VERIFIED


def test_certificates_are_no_evidence_that_could_be_reused(inbox: Inbox) -> None:
    """A complete new set of certificates repeats the old ones."""
    register(inbox, AYSE)
    inbox.put(
        application("U-1", "personnel_update", [AYSE]), certificate(AYSE), certificate(AYSE, "yeni.pdf")
    )
    inbox.run()
    assert decision_of(inbox, "U-1") is Decision.VERIFIED


def test_an_application_that_is_not_stored_is_asked_the_same(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("A-1"), statement())
    inbox.run()
    contents = (
        application("A-2", "personnel_addition", day="2026-11-21"),
        application("A-0", day="2026-11-01"),
        application("A-1"),
    )
    upload = Upload("evidence.zip", "0" * 64, 1, documents=(statement(),))
    with inbox.database.reading() as work:
        found = [
            papers_of_others(work, Application.model_validate_json(json.dumps(c)), [upload]) for c in contents
        ]
    assert found == [{statement().id: ("A-1",)}, {statement().id: ("A-1",)}, {}]
