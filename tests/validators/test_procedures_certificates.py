"""Which certificates a new set lacks (Kılavuz m.5(2)(ç))."""

from dataclasses import replace

import pytest

from extractors.facts import Document, Fault, FaultCode, Media
from tests.validators import factory as f
from tests.validators.cases.procedures import before, certificates
from validators.case import Case, Certificate, RegistryFacts
from validators.finding import Code, Finding, Outcome
from validators.judgement import judge
from validators.rules.procedures import NAMED_CERTIFICATES, missing_certificates


def file(name: str, content: str = "") -> Document:
    """A file of a new set."""
    return Document(f"sha256:{content or name:0>64}", name, 10, Media.PDF)


def certificate(name: str, content: str = "") -> Certificate:
    """The same file as the registry knows it."""
    return Certificate(name, f"{content or name:0>64}")


@pytest.mark.parametrize(
    ("old", "new", "missing"),
    [
        (["kurs.pdf"], [("kurs.pdf", "1")], []),
        (["kurs.pdf"], [("belgeler/KURS.PDF", "1")], []),
        (["2024/kalibrasyon eğitimi.pdf"], [("Kalibrasyon  Eğitimi.pdf", "1")], []),
        (["IŞIK.pdf"], [("ışık.pdf", "1")], []),
        (["kurs.pdf"], [("kurs (2).pdf", "1")], ["kurs.pdf"]),
        (["kurs.pdf", "lisans.pdf"], [("lisans.pdf", "1")], ["kurs.pdf"]),
        (["kurs.pdf"], [], ["kurs.pdf"]),
        ([], [("kurs.pdf", "1")], []),
        # Two certificates of one name in two folders need two files.
        (["a/kurs.pdf", "b/kurs.pdf"], [("kurs.pdf", "1")], ["b/kurs.pdf"]),
        (["a/kurs.pdf", "b/kurs.pdf"], [("kurs.pdf", "1"), ("c/kurs.pdf", "2")], []),
        # A file that is kept by its bytes does not stand for another one of its name as well.
        (["a/kurs.pdf", "b/kurs.pdf"], [("kurs.pdf", "a/kurs.pdf")], ["b/kurs.pdf"]),
    ],
)
def test_a_certificate_is_kept_by_its_name(
    old: list[str], new: list[tuple[str, str]], missing: list[str]
) -> None:
    found = missing_certificates([certificate(name) for name in old], [file(*each) for each in new])
    assert [each.name for each in found] == missing


def test_a_certificate_is_kept_by_its_bytes_whatever_its_name() -> None:
    assert missing_certificates([certificate("kurs.pdf", "1")], [file("taranmış.pdf", "1")]) == ()


def test_a_file_of_several_papers_is_one_certificate() -> None:
    papers = [replace(file("kurs.pdf"), paper=number, papers=2) for number in (1, 2)]
    old = [certificate("a/kurs.pdf", "1"), certificate("b/kurs.pdf", "2")]
    assert [each.name for each in missing_certificates(old, papers)] == ["b/kurs.pdf"]


def shrinks(case: Case) -> list[Finding]:
    """The findings on certificates that disappear."""
    judgement = judge(case)
    return [x for person in judgement.people for x in person.findings if x.code is Code.CERTIFICATES_SHRINK]


def test_the_finding_names_what_would_disappear_and_counts_the_rest() -> None:
    old = [certificate(f"klasör/{number:02d}.pdf") for number in range(NAMED_CERTIFICATES + 2)]
    (finding,) = shrinks(certificates(f.upload(file("yeni.pdf")), certificates=before(*old)))
    assert finding.outcome is Outcome.FAILED
    assert finding.facts["count"] == NAMED_CERTIFICATES + 2
    named = str(finding.facts["missing"])
    assert named.startswith("00.pdf, 01.pdf, ")
    assert named.endswith("09.pdf, …")
    (all_named,) = shrinks(
        certificates(f.upload(file("yeni.pdf")), certificates=before(*old[:NAMED_CERTIFICATES]))
    )
    assert str(all_named.facts["missing"]).endswith("09.pdf")


@pytest.mark.parametrize(
    "case",
    [
        certificates(f.upload(file("yeni.pdf"))),
        certificates(f.upload(file("yeni.pdf")), certificates={}),
        certificates(certificates=before(certificate("kurs.pdf"))),
        f.case(
            uploads=(f.upload(file("yeni.pdf")),),
            registry=RegistryFacts(certificates=before(certificate("kurs.pdf"))),
        ),
        certificates(
            f.upload(fault=Fault(FaultCode.ARCHIVE_DAMAGED, {"reason": "size"})),
            certificates=before(certificate("kurs.pdf")),
        ),
    ],
    ids=[
        "registry not asked",
        "no old set",
        "no new set",
        "another procedure",
        "an archive that does not open",
    ],
)
def test_the_question_is_not_asked_where_nothing_is_replaced(case: Case) -> None:
    assert shrinks(case) == []


def test_whether_they_are_one_file_is_asked_only_where_certificates_were_uploaded() -> None:
    """Kılavuz m.4(4)(c), m.5(2)(ç): certificates are optional, and "tek dosya"."""
    uploads = tuple(f.upload(file(f"{number}.pdf")) for number in range(2))
    answers = {
        count: [
            finding.outcome
            for finding in judge(certificates(*uploads[:count])).findings
            if finding.code is Code.CERTIFICATES_SEVERAL_FILES
        ]
        for count in range(3)
    }
    assert answers == {0: [], 1: [Outcome.PASSED], 2: [Outcome.FAILED]}
