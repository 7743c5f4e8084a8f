"""The report: exactly the contract's keys, and no T.C. number in it unless it was asked for."""

from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from extractors.facts import Code, Fault, FaultCode, Media, Signature, Trace, TraceKind, paper_key
from tests.validators import factory as f
from validators.application import Problem, ProblemKind
from validators.judgement import judge, judge_invalid
from validators.report import document_report, document_schema, report_schema, to_report

REPORT = jsonschema.Draft202012Validator(report_schema())
DOCUMENT = jsonschema.Draft202012Validator(document_schema())


def report(*documents: Any, reveal: bool = False) -> dict[str, Any]:
    return to_report(judge(f.case(*documents)), reveal=reveal)


def test_schemas_are_schemas() -> None:
    for schema in (report_schema(), document_schema()):
        jsonschema.Draft202012Validator.check_schema(schema)


def test_report_of_a_verified_application() -> None:
    shown = report(f.statement())
    assert {key: shown[key] for key in ("report", "application_id", "procedure", "decision", "policy")} == {
        "report": 1,
        "application_id": "TS-2026-000123",
        "procedure": "provider_registration",
        "decision": "verified",
        "policy": "kilavuz-v3",
    }
    person = shown["people"][0]
    assert (person["national_id"], person["decision"], person["route"]) == (
        "10*********",
        "verified",
        "service_statement",
    )
    assert "proposal" not in person
    assert "wait_until" not in person


def test_finding_has_the_keys_of_the_contract() -> None:
    finding = report(f.foreign(f.statement()))["people"][0]["findings"][-5]
    found = next(
        x for x in report(f.foreign(f.statement()))["people"][0]["findings"] if x["code"] == "QR_FOREIGN"
    )
    assert set(found) == set(finding)
    assert found == {
        "code": "QR_FOREIGN",
        "outcome": "failed",
        "level": "block",
        "legal_basis": "Kılavuz m.6(3)(d)",
        "message": found["message"],
        "document": f.statement().id,
        "page": 1,
        "box": [10, 20, 30, 40],
        "facts": {"codes": 1},
    }
    assert set(found["message"]) == {"tr", "en"}


def test_document_as_the_contract_describes_it() -> None:
    document = document_report(f.statement())
    assert document["qr"] == {
        "text": "barkod:hd0123456789abcdef01;tckn:10*********;",
        "barcode": "hd0123456789abcdef01",
        "page": 2,
        "box": [10, 20, 30, 40],
        "decoder": "zxing",
    }
    assert document["barcode"] == "hd0123456789abcdef01"
    assert (document["kind"], document["pages"], document["text"]) == ("service_statement", 2, "embedded")
    assert document["fields"]["national_id"] == {
        "value": "10*********",
        "raw": "10*********",
        "page": 1,
        "box": [10, 20, 30, 40],
        "method": "text",
    }


def test_rows_and_titles_are_fields() -> None:
    fields = document_report(f.statement())["fields"]
    assert fields["records"]["value"][0] == {
        "branch": "4a",
        "status": "506/ APHB",
        "workplace": "1043377",
        "unit": "0101",
        "period": "2026-07",
        "document_type": "Asıl",
        "entry_date": "2026-07-06",
        "days": 25,
        "exit_date": None,
        "doubts": [],
    }
    assert fields["workplaces"]["value"] == {f.SEQUENCE: f.TITLE, f.OTHER_SEQUENCE: f.OTHER_TITLE}
    assert (fields["workplaces"]["page"], fields["workplaces"]["box"]) == (2, [10, 20, 30, 40])


def test_rows_that_are_not_kept_any_more_are_not_reported() -> None:
    whole = f.statement()
    reduced = replace(
        whole,
        records=(whole.records[0].emptied(), *whole.records[1:]),
        workplaces=(whole.workplaces[0], whole.workplaces[1].emptied()),
    )
    fields = document_report(reduced)["fields"]
    assert [row["period"] for row in fields["records"]["value"]] == ["2026-08", "2026-09"]
    assert fields["workplaces"]["value"] == {f.SEQUENCE: f.TITLE}
    nothing = replace(
        whole,
        records=tuple(row.emptied() for row in whole.records),
        workplaces=tuple(place.emptied() for place in whole.workplaces),
    )
    assert not {"records", "workplaces"} & document_report(nothing)["fields"].keys()


def test_two_titles_of_one_number_are_both_shown() -> None:
    listed = f.listing((f.SEQUENCE, f.TITLE), (f.SEQUENCE, f.OTHER_TITLE))
    fields = document_report(f.statement(listed=listed))["fields"]
    assert fields["workplaces"]["value"] == {f.SEQUENCE: f"{f.TITLE} / {f.OTHER_TITLE}"}


def test_groups_of_a_workplace_number_are_shown() -> None:
    assert document_report(f.declaration())["fields"]["workplace_number"]["value"] == f.GROUPS


def test_barcode_of_a_scan_is_that_of_its_code() -> None:
    assert document_report(f.scan(f.statement()))["barcode"] == "hd0123456789abcdef01"
    assert document_report(f.gazette())["barcode"] is None


def leaky() -> Any:
    """A statement that prints T.C. numbers wherever it can, one of them with a wrong check digit."""
    wrong = "10000000079"
    code = Code(f"https://ornek.example/?kimlik={f.STRANGER}&eski={wrong}", 1, f.BOX, "zbar")
    paper = f.with_field(f.statement(), "national_id", wrong, "1 0 0 0 0 0 0 0 0 7 9")
    return replace(
        paper,
        name=f"{f.CAN['national_id']}_iseGiris.pdf",
        codes=(*paper.codes, code),
        doubts=(f"readers disagree: {f.STRANGER}",),
        records=tuple(replace(r, status=f"APHB {f.STRANGER}") for r in paper.records),
        workplaces=f.listing((f.SEQUENCE, f"MEHMET YILMAZ {f.STRANGER}")),
    )


@pytest.mark.parametrize("number", [f.AYSE["national_id"], f.CAN["national_id"], f.STRANGER, "10000000079"])
def test_no_number_is_shown_unless_it_is_asked_for(number: str) -> None:
    assert number not in str(document_report(leaky()))
    assert number not in str(report(leaky()))
    assert number in str(document_report(leaky(), reveal=True))


def test_digits_in_boxes_are_hidden_too() -> None:
    assert "1 0 0 0" not in str(document_report(leaky()))


def test_number_the_readers_dispute_is_hidden() -> None:
    paper = f.with_field(f.statement(), "national_id", None, "10000000078 | 10000000079")
    assert document_report(paper)["fields"]["national_id"]["raw"] == "*" * 11


def test_a_misread_number_does_not_spoil_other_texts() -> None:
    document = document_report(f.with_field(f.statement(), "national_id", "1"))
    assert document["fields"]["national_id"]["value"] == "*" * 11
    assert document["barcode"] == "hd0123456789abcdef01"


def test_digest_and_workplace_are_not_taken_for_people() -> None:
    document = document_report(f.declaration())
    assert document["id"] == f.declaration().id
    assert document["fields"]["workplace_number"]["value"]["sequence"] == "1043377"


def test_every_document_keeps_to_its_schema() -> None:
    papers = [
        f.statement(),
        f.declaration(),
        f.gazette(),
        f.scan(f.statement()),
        f.foreign(f.statement()),
        f.faulty(FaultCode.DOCUMENT_UNREADABLE, reason="damaged"),
        f.with_field(f.declaration(), "start_date", None, "?"),
        leaky(),
    ]
    for paper in papers:
        DOCUMENT.validate(document_report(paper))
        DOCUMENT.validate(document_report(paper, reveal=True))


def test_person_who_waits_says_until_when() -> None:
    case = f.case(f.declaration(start=f.START.replace(day=23)))
    person = to_report(judge(case))["people"][0]
    assert (person["proposal"], person["wait_until"]) == ("wait_until", "2026-11-23")


def test_application_that_does_not_parse() -> None:
    problems = [
        Problem("colour", "Extra inputs are not permitted", ProblemKind.UNKNOWN_FIELD),
        Problem("evidence.0", "The file is not in the folder", ProblemKind.FILE_MISSING),
    ]
    shown = to_report(judge_invalid("TS-2026-000124", problems, f.POLICY))
    REPORT.validate(shown)
    assert (shown["decision"], shown["procedure"], shown["people"]) == ("flagged", None, [])
    assert [x["code"] for x in shown["findings"]] == ["APPLICATION_INVALID", "APPLICATION_INVALID"]
    assert "bilinmeyen alan" in shown["findings"][0]["message"]["tr"]


def test_application_without_a_told_problem_is_still_flagged() -> None:
    shown = to_report(judge_invalid("TS-2026-000124", [], f.POLICY))
    REPORT.validate(shown)
    assert [x["code"] for x in shown["findings"]] == ["APPLICATION_INVALID"]


def test_refused_upload_and_unsupported_member_are_reported() -> None:
    uploads = (
        f.upload(f.faulty(FaultCode.DOCUMENT_UNSUPPORTED, Media.OTHER)),
        f.upload(fault=Fault(FaultCode.ARCHIVE_NOT_ZIP, {"found": "RAR", "member": None})),
    )
    shown = to_report(judge(f.case(uploads=uploads)))
    REPORT.validate(shown)
    assert shown["documents"][0]["faults"] == [{"code": "DOCUMENT_UNSUPPORTED", "facts": {}}]
    assert "ARCHIVE_NOT_ZIP" in {x["code"] for x in shown["findings"]}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda r: r.update(decision="rejected"),
        lambda r: r.pop("policy"),
        lambda r: r["people"][0].update(national_id="1234"),
        lambda r: r["people"][0].update(proposal="return_to_applicant"),
        lambda r: r["people"][0].update(decision="flagged"),
        lambda r: r["people"][0]["findings"][0].update(code="NEW"),
        lambda r: r["people"][0]["findings"][0]["message"].pop("tr"),
        lambda r: r["documents"][0].update(kind="letter"),
        lambda r: r["documents"][0]["fields"]["issued_on"].pop("box"),
        lambda r: r["documents"][0]["qr"].update(box=[1, 2, 3]),
    ],
)
def test_schema_refuses_what_the_contract_does_not_say(spoil: Any) -> None:
    shown = report(f.statement())
    spoil(shown)
    assert not REPORT.is_valid(shown)


def test_schema_welcomes_additions() -> None:
    shown = report(f.statement())
    shown["seconds"] = 1.5
    shown["documents"][0]["signature"] = None
    assert REPORT.is_valid(shown)


def test_numbers_are_shown_only_to_whom_they_are_revealed() -> None:
    number = f.AYSE["national_id"]
    assert report(f.statement(), reveal=True)["people"][0]["national_id"] == number
    assert number not in str(report(f.statement()))
    assert number in str(report(f.statement(), reveal=True)["documents"])


def test_the_schema_describes_an_application_part_by_part() -> None:
    schema = report_schema()
    assert schema["title"] == "Report of kanit on one application"
    shown = report(f.statement())
    assert set(schema["properties"]) == set(shown)
    assert set(schema["required"]) == set(shown)


def test_traces_and_signature_are_told_and_the_signer_s_number_is_masked() -> None:
    traces = (
        Trace(TraceKind.UPDATED, facts={"count": 2}),
        Trace(TraceKind.ANNOTATION, 2, f.BOX, {"field": "records"}),
    )
    signature = Signature(f"AYŞE ÖRNEK {f.AYSE['national_id']}", "2026-11-10T09:00:00", True, False, 2)
    shown = document_report(replace(f.statement(), traces=traces, signature=signature))
    assert shown["traces"] == [
        {"kind": "updated", "page": None, "box": None, "facts": {"count": 2}},
        {"kind": "annotation", "page": 2, "box": [10, 20, 30, 40], "facts": {"field": "records"}},
    ]
    assert shown["signature"] == {
        "signer": "AYŞE ÖRNEK 10*********",
        "signed_at": "2026-11-10T09:00:00",
        "intact": True,
        "whole_file": False,
        "count": 2,
        "trust": "not_judged",
    }
    unnamed = replace(f.statement(), signature=replace(signature, signer=None))
    assert document_report(unnamed)["signature"]["signer"] is None


def test_pages_are_told_where_they_are_not_all_of_one_file() -> None:
    def pages(**changes: Any) -> dict[str, Any]:
        shown = document_report(replace(f.statement(), **changes))
        return {name: shown[name] for name in ("paper", "papers", "part_of", "page_numbers") if name in shown}

    assert pages() == pages(page_numbers=(1, 2)) == {}
    assert pages(page_numbers=(2,)) == {"page_numbers": [2]}
    second = {"paper": 2, "papers": 3, "page_numbers": [3, 4]}
    assert pages(paper=2, papers=3, page_numbers=(3, 4)) == second
    first = paper_key("sha256:" + "a" * 64, 3)
    told = {"part_of": "sha256:" + "a" * 64, "paper": 3, "page_numbers": [1]}
    assert pages(part_of=first, page_numbers=(1,)) == told
    assert pages(part_of="sha256:" + "b" * 64) == {"part_of": "sha256:" + "b" * 64, "page_numbers": []}
