"""Letters that officers edit: what they hold, and that what was kept gives the same letter again."""

import io
import json
from datetime import UTC, date, datetime
from functools import cache

import pdfplumber
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.letter import Role
from flows.letter_kept import letter_paragraphs
from flows.letter_pdf import letter_as_pdf
from flows.verdict import Verdict
from review.decide_letters import Draft, rejecting, returning
from storage.desk.cases import codes_of
from tests.storage.desk.cases import named_otherwise
from tests.storage.samples import AYSE, POLICY, application, statement, upload
from validators.application import parse_application
from validators.case import Case, RegistryFacts
from validators.finding import Code
from validators.judgement import judge

DAY = date(2026, 11, 22)


@cache
def verdict() -> Verdict:
    """A person whose employment has ended and whose name was read otherwise."""
    declared = parse_application(json.dumps(application("A-1")).encode())
    paper = named_otherwise(AYSE, exit_date="2026-10-15")
    other = statement(AYSE, "hd12-0000-0000-0000")
    facts = RegistryFacts(registered=frozenset({AYSE.national_id}))
    judgement = judge(Case(declared, (upload(paper), upload(other)), facts, POLICY))
    return Verdict(judgement, declared, "1", "1", datetime(2026, 11, 21, tzinfo=UTC), stored=True)


def roles(letter: str) -> list[Role]:
    return [paragraph.role for paragraph in letter_paragraphs(letter)]


def test_a_letter_tells_what_was_left_to_the_officer_once_it_is_given_as_a_reason() -> None:
    codes = sorted(codes_of(verdict().judgement))
    assert Code.PERSON_NAME_DIFFERS in codes
    body = returning(verdict(), [Code.PERSON_NAME_DIFFERS], DAY).body
    assert "Görülen husus:\n– " in body
    assert "1. AYŞE ÖRNEK (T.C. kimlik no: 10*********)" in body
    assert returning(verdict(), codes, DAY).body != body


def test_a_letter_hides_national_ids() -> None:
    draft = returning(verdict(), sorted(codes_of(verdict().judgement)), DAY)
    assert AYSE.national_id not in draft.whole(draft.body)


def test_a_rejection_says_what_was_found_and_asks_for_nothing() -> None:
    draft = rejecting(verdict(), [Code.PERSON_NAME_DIFFERS], DAY)
    assert "Konu: Başvurunuzun reddi" in draft.before
    assert "Görülen husus:" in draft.body
    assert "Yapılması gereken" not in draft.body
    assert "2577 sayılı Kanun m.7" in draft.body


@pytest.mark.parametrize("write", [returning, rejecting])
def test_a_letter_that_was_kept_has_its_parts_again(write: object) -> None:
    assert callable(write)
    draft: Draft = write(verdict(), sorted(codes_of(verdict().judgement)), DAY)
    laid = letter_paragraphs(draft.whole(draft.body))
    assert [p.role for p in laid[:7]] == [
        Role.INSTITUTION,
        Role.INSTITUTION,
        Role.DATE,
        Role.FIELD,
        Role.FIELD,
        Role.ADDRESSEE,
        Role.FIELD,
    ]
    assert {Role.HEADING, Role.LABEL, Role.ITEM, Role.BODY} <= {p.role for p in laid}
    assert laid[-2].text == "Adı Soyadı\nUnvanı\nİmza"
    assert laid[-1].role is Role.SMALL


@given(st.text(st.characters(categories=("L", "N", "P", "Zs"), include_characters="\n\r"), min_size=1))
def test_whatever_an_officer_types_stays_between_head_and_foot(body: str) -> None:
    draft = returning(verdict(), [Code.PERSON_NAME_DIFFERS], DAY)
    empty = roles(draft.whole("."))
    typed = roles(draft.whole(body if body.strip() else "."))
    assert typed[:7] == empty[:7]
    assert typed[-2:] == [Role.SIGNATURE, Role.SMALL]


def test_the_pdf_holds_what_was_typed() -> None:
    draft = returning(verdict(), [Code.PERSON_NAME_DIFFERS], DAY)
    letter = draft.whole("1. Konu başlığı\n– Şu belge yüklenmelidir.\n\nSaygılarımızla <b> & dileriz.")
    with pdfplumber.open(io.BytesIO(letter_as_pdf(letter, "A-1"))) as pdf:
        text = "\n".join(page.extract_text() for page in pdf.pages)
    for said in ("Konu başlığı", "Şu belge yüklenmelidir.", "Saygılarımızla <b> & dileriz.", "Sayfa 1 / 1"):
        assert said in text
    assert letter_as_pdf(letter, "A-1") == letter_as_pdf(letter, "A-1")


def test_a_letter_without_head_and_foot_is_shown_line_by_line() -> None:
    laid = letter_paragraphs("Başvurunuz iade edilmiştir.\n\n– Belge eksik.")
    assert [(p.role, p.text) for p in laid] == [
        (Role.BODY, "Başvurunuz iade edilmiştir."),
        (Role.ITEM, "Belge eksik."),
    ]
    assert letter_as_pdf("Başvurunuz iade edilmiştir.", "A-1").startswith(b"%PDF")
