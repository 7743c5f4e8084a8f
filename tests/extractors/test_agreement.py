"""Two readers' opinions: agreement, supplement, doubt."""

from dataclasses import replace

from extractors.agreement import agree
from extractors.facts import Box, Field, Kind, Recognition, Record, Workplace
from extractors.layout import Reading

BOX = Box(0, 0, 10, 10)
RECORD = Record("4a", "APHB", "1000000", "2701", "2026-10", "Asıl", None, 30, None, 1, BOX)
FIRST = Reading(
    Kind.SERVICE_STATEMENT,
    Recognition(Kind.SERVICE_STATEMENT),
    {"national_id": Field("10000000078", "10000000078", 1, BOX)},
    (RECORD,),
    (Workplace("1000000", "ÖRNEK LTD. ŞTİ.", 1, BOX),),
)


def test_two_equal_readings_are_one() -> None:
    assert agree(FIRST, FIRST) == FIRST


def test_what_only_the_second_reader_saw_is_taken_and_marked() -> None:
    second = replace(FIRST, fields={**FIRST.fields, "given_name": Field("AYŞE", "AYŞE", 1, BOX)})
    combined = agree(replace(FIRST, missing=("given_name",)), second)
    assert combined.fields["given_name"].method == "second_reader"
    assert combined.missing == ()
    assert combined.doubts == ()


def test_a_value_on_which_they_disagree_is_given_up() -> None:
    second = replace(FIRST, fields={"national_id": Field("10000000146", "10000000146", 1, BOX)})
    combined = agree(FIRST, second)
    assert combined.fields["national_id"].value is None
    assert combined.doubts == ("readers disagree: national_id",)


def test_other_rows_are_a_doubt() -> None:
    combined = agree(FIRST, replace(FIRST, records=(replace(RECORD, exit_date="2026-10-31"),)))
    assert combined.doubts == ("readers disagree: records",)


def test_other_titles_are_a_doubt() -> None:
    combined = agree(FIRST, replace(FIRST, workplaces=(Workplace("1000000", "BAŞKA A.Ş.", 1, BOX),)))
    assert combined.doubts == ("readers disagree: workplaces",)


def test_rows_without_doubts_go_before_rows_with_doubts() -> None:
    doubtful = replace(FIRST, records=(replace(RECORD, doubts=("days: unread",)),))
    assert agree(doubtful, FIRST).records == FIRST.records
    assert agree(FIRST, doubtful).records == FIRST.records


def test_a_kind_that_only_one_recognised_is_taken() -> None:
    unknown = Reading(Kind.UNKNOWN, Recognition(), {})
    assert agree(unknown, FIRST).kind is Kind.SERVICE_STATEMENT
    assert agree(FIRST, unknown).kind is Kind.SERVICE_STATEMENT


def test_pages_of_different_papers_stay_unknown() -> None:
    mixed = Reading(Kind.UNKNOWN, Recognition(), {}, doubts=("pages titled as different papers: …",))
    assert agree(mixed, FIRST).kind is Kind.UNKNOWN


def test_two_kinds_are_none() -> None:
    other = replace(FIRST, kind=Kind.EXIT_DECLARATION)
    combined = agree(FIRST, other)
    assert combined.kind is Kind.UNKNOWN
    assert combined.doubts == ("readers disagree: service_statement or exit_declaration",)
