"""Fields that an officer may correct: what is offered, how it is shown, what is read from the form."""

from dataclasses import replace

import pytest
from starlette.datastructures import QueryParams

from extractors.facts import Field, Value
from review.decide_fields import (
    choices,
    is_place,
    place_label,
    prefilled,
    read_value,
    spell,
    spots,
)
from review.forms import Form
from review.texts import Language
from tests.storage.samples import AYSE, BOX, statement
from validators.report import Mask

TR = Language.TURKISH
PAPER = statement()
MASK = Mask.of([PAPER], [AYSE.national_id], reveal=False)
GROUPS: Value = {"nature": "2", "sector": "4652", "sequence": "1603260"}


def read(place: str, **sent: str) -> tuple[Value, dict[str, str]]:
    form = Form(QueryParams(list(sent.items())))
    return read_value(form, place), form.errors


def test_every_place_that_is_offered_is_one_and_hides_the_national_id() -> None:
    offered = spots(PAPER, MASK, TR)
    assert all(is_place(PAPER, spot.place) for spot in offered)
    shown = {spot.place: spot.shown for spot in offered}
    assert shown["national_id"] == "10*********"
    assert shown["issued_on"] == "19.11.2026"
    assert shown["records.0.entry_date"] == "03.08.2026"
    assert shown["records.1.entry_date"] == "—"
    assert AYSE.national_id not in repr(offered)


def test_fields_that_were_not_read_are_offered_by_the_kind_of_the_paper() -> None:
    bare = replace(PAPER, fields={}, barcodes=())
    offered = {spot.place: spot.shown for spot in spots(bare, MASK, TR) if not spot.in_row}
    assert offered == dict.fromkeys(("national_id", "given_name", "family_name", "barcode", "issued_on"), "—")


@pytest.mark.parametrize(
    ("place", "label"),
    [
        ("start_date", "işe başlama tarihi"),
        ("records.3.exit_date", "Satır 4: çıkış tarihi"),
        ("workplaces.0.title", "İşyeri 1: unvan"),
        ("company_2.person_1.role", "Şirket 2, kişi 1: sıfat"),
        ("unheard_of", "unheard_of"),
    ],
)
def test_places_have_names(place: str, label: str) -> None:
    assert place_label(place, TR) == label


@pytest.mark.parametrize(
    ("place", "value", "shown"),
    [
        ("generated_at", "2026-11-03T09:12:45", "03.11.2026 09:12:45"),
        ("workplace_number", GROUPS, "2 4652 1603260"),
        ("company_1.mersis_number", "1000000007800011", "*" * 11),
        ("company_1.mersis_number", "0123456789000011", "0123456789000011"),
        ("employer_title", f"ŞAHIS {AYSE.national_id}", "ŞAHIS 10*********"),
    ],
)
def test_values_are_shown_as_people_write_them(place: str, value: Value, shown: str) -> None:
    assert spell(place, value, MASK, TR) == shown


@pytest.mark.parametrize(
    ("place", "sent", "value"),
    [
        ("start_date", {"value": "2026-11-02"}, "2026-11-02"),
        ("national_id", {"value": "100 000 000-78"}, "10000000078"),
        ("records.0.days", {"value": "30"}, 30),
        ("employer_title", {"value": "  ÖRNEK A.Ş. "}, "ÖRNEK A.Ş."),
        (
            "workplace_number",
            {"value.nature": "2", "value.sector": "4652"},
            {"nature": "2", "sector": "4652"},
        ),
        ("employer_title", {"value": "ÖRNEK", "none": "1"}, None),
    ],
)
def test_a_value_is_read_as_the_facts_have_it(place: str, sent: dict[str, str], value: Value) -> None:
    assert read(place, **sent) == (value, {})


@pytest.mark.parametrize("place", ["start_date", "records.0.days", "employer_title", "workplace_number"])
def test_an_empty_value_is_told_beside_its_field(place: str) -> None:
    _, errors = read(place)
    assert errors == {"value": "forms.missing"}


def test_a_form_begins_with_what_was_read_but_never_with_a_national_id() -> None:
    paper = replace(
        PAPER, fields={**PAPER.fields, "workplace_number": Field(GROUPS, "2 4652 1603260", 1, BOX)}
    )
    assert prefilled(paper, "family_name") == {"value": "ÖRNEK"}
    assert prefilled(paper, "workplace_number") == {
        "value.nature": "2",
        "value.sector": "4652",
        "value.sequence": "1603260",
    }
    assert prefilled(paper, "national_id") == {}


def test_a_paper_of_nobody_declared_is_offered_without_a_name() -> None:
    part = replace(PAPER, part_of=PAPER.key)
    (choice,) = choices([PAPER, part], None, MASK, TR)
    assert choice.position == 0
    assert choice.label == "Kime ait olduğu belirsiz – 10*********_hizmet.pdf (SGK Hizmet Dökümü)"


def test_rows_that_are_not_kept_any_more_are_not_offered() -> None:
    first, *others = PAPER.records
    reduced = replace(PAPER, records=(first.emptied(), *others), workplaces=(PAPER.workplaces[0].emptied(),))
    in_rows = [spot.place for spot in spots(reduced, MASK, TR) if spot.in_row]
    assert in_rows
    assert not [place for place in in_rows if place.startswith(("records.0.", "workplaces."))]
    assert all(is_place(reduced, place) for place in in_rows)
    assert not is_place(reduced, "records.0.days")
