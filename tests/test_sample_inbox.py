"""The sample inbox: archives are what their makers say, folders obey the contract, every code has a case."""

import io
import json
import unicodedata
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.papers import archives, cases, identities
from tests.papers.applications import (
    FLAGGED,
    VERIFIED,
    Application,
    Expected,
    ExpectedDocument,
    ExpectedPerson,
)
from tests.papers.builders import NOW
from tests.papers.comparison import differences
from tests.papers.desk import Cases, Desk
from tests.papers.inbox import write_application, write_sample_inbox
from validators.application import ApplicationInvalid, parse_application
from validators.finding import Code

FILES = {"AYŞE ÖRNEK İŞE GİRİŞ BİLDİRGESİ.pdf": b"%PDF-1.4\n" * 40, "döküm.pdf": b"%PDF-1.7\n" * 30}
LATER_CODES = {
    Code.MALWARE_FOUND,  # needs a scanner
    Code.DOCUMENT_NO_TEXT,  # depends on whether OCR is there
    Code.LINK_ABSENCE_NOT_SHOWN,
    Code.PARTNER_PROOF,
    Code.CERTIFICATES_SHRINK,
    Code.CERTIFICATES_SEVERAL_FILES,
    Code.EDEVLET_NOT_CHECKED,
    Code.EDEVLET_MISMATCH,
    Code.EDEVLET_UNKNOWN,
    Code.PDF_SUSPECT,
    Code.IDENTIFIER_SUSPECT,
    Code.POLICY_NOT_IN_FORCE,
    Code.PARTNER_INSURED_AS_EMPLOYEE,
    Code.ALSO_REGISTERED_ELSEWHERE,  # depends on what the registry holds
}
"""Codes that the small sample does not raise: they need official documents, a registry, OCR, an issuer, a policy."""


def opened(data: bytes, encoding: str | None = None) -> dict[str, bytes]:
    """Return the members by name, composed."""
    with zipfile.ZipFile(io.BytesIO(data), metadata_encoding=encoding) as file:
        return {unicodedata.normalize("NFC", name): file.read(name) for name in file.namelist()}


def test_a_plain_zip_gives_back_names_and_contents() -> None:
    assert opened(archives.plain(FILES)) == FILES


@pytest.mark.parametrize("encoding", ["cp857", "cp1254", "utf-8"])
def test_names_stand_in_the_promised_encoding_without_the_flag(encoding: str) -> None:
    data = archives.named_in(FILES, encoding)
    assert opened(data, encoding) == FILES
    assert "İŞE GİRİŞ".encode(encoding) in data
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert not any(info.flag_bits & archives.UTF8_FLAG for info in file.infolist())


def test_decomposed_names_have_no_composed_letters() -> None:
    data = archives.decomposed(FILES)
    assert opened(data, "utf-8") == FILES
    assert "İ".encode() not in data


def test_an_encrypted_zip_opens_with_its_password_only() -> None:
    data = archives.encrypted(FILES, b"gizli")
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        names = file.namelist()
        assert [file.read(name, pwd=b"gizli") for name in names] == list(FILES.values())
        with pytest.raises(RuntimeError, match="password"):
            file.read(names[0])


def test_a_nested_zip_holds_the_files_at_its_depth() -> None:
    data = archives.nested(FILES, depth=2)
    for _ in range(2):
        (data,) = opened(data).values()
    assert opened(data) == FILES


def test_damaged_zips_are_damaged() -> None:
    with pytest.raises(zipfile.BadZipFile):
        opened(archives.truncated(FILES))
    with pytest.raises(zipfile.BadZipFile, match="CRC"):
        opened(archives.wrong_checksum(FILES))


def test_a_bomb_is_small_and_grows_a_thousandfold() -> None:
    data = archives.bomb()
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        grown = sum(info.file_size for info in file.infolist())
    assert len(data) < 100_000
    assert grown > 500 * len(data)


def test_unsafe_zips_have_the_trait_they_are_named_for() -> None:
    names = {name: _names(make(FILES)) for name, make in archives.UNSAFE.items()}
    assert any(name.startswith("../") for name in names["traversal"])
    assert any(name.startswith("/") for name in names["absolute"])
    assert any(name[1] == ":" for name in names["drive"])
    assert max(Counter(names["duplicates"]).values()) == 2
    inside, around = (names["overlapping"].index(name) for name in ("ic.pdf", "dis.pdf"))
    with zipfile.ZipFile(io.BytesIO(archives.overlapping(FILES))) as file:
        offsets = [info.header_offset for info in file.infolist()]
        assert offsets[around] < offsets[inside] < file.start_dir
    assert set(names["disagreeing"]) != set(FILES)
    with zipfile.ZipFile(io.BytesIO(archives.link(FILES))) as file:
        assert any(info.external_attr >> 28 == 0o12 for info in file.infolist())


def _names(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return file.namelist()


def test_what_is_no_zip_is_none() -> None:
    assert not any(zipfile.is_zipfile(io.BytesIO(data)) for data in archives.NOT_ZIP.values())
    assert zipfile.is_zipfile(io.BytesIO(archives.empty()))
    assert not opened(archives.empty())
    assert all(name.endswith("/") for name in opened(archives.only_folders()))


def test_every_case_is_written_and_obeys_the_contract(tmp_path: Path) -> None:
    names = list(cases.ALL)
    expected = write_sample_inbox(tmp_path, len(names), only=names)
    assert sorted(path.name for path in tmp_path.iterdir()) == [each.application_id for each in expected]
    assert {each.case for each in expected} == {*names, "registration"}
    for each in expected:
        folder = tmp_path / each.application_id
        if "APPLICATION_INVALID" in each.codes:
            continue
        found = parse_application((folder / "application.json").read_bytes())
        assert found.application_id == each.application_id
        declared = [person.national_id for person in found.people]
        assert [who.national_id for who in each.people] in (declared, [])
        assert all((folder / name).is_file() for name in found.evidence)


@pytest.fixture(scope="module")
def made() -> dict[str, Cases]:
    """Every case, made once."""
    return {name: make(Desk(Random(name), NOW, "TS-1", name)) for name, make in cases.ALL.items()}


def test_faulty_cases_are_flagged_and_sound_ones_are_not(made: dict[str, Cases]) -> None:
    for name, (*earlier, last) in made.items():
        assert last.expected.decision == (FLAGGED if name in cases.FAULTY else VERIFIED), name
        assert all(case.expected.decision == VERIFIED for case in earlier), name
        people = {who.decision for who in last.expected.people}
        assert last.expected.decision == FLAGGED or people == {VERIFIED}, name


def test_applications_named_invalid_are_invalid(tmp_path: Path) -> None:
    names = [name for name in cases.FAULTY if name.startswith("application_")]
    expected = write_sample_inbox(tmp_path, len(names), only=names)
    for each in expected:
        folder = tmp_path / each.application_id
        try:
            found = parse_application((folder / "application.json").read_bytes())
        except (ApplicationInvalid, FileNotFoundError):
            continue
        assert not all((folder / name).is_file() for name in found.evidence), each.case


def test_every_code_of_the_contract_has_a_case(made: dict[str, Cases]) -> None:
    found: set[str] = set()
    for each in made.values():
        for case in each:
            people = case.expected.people
            found |= case.expected.codes | case.expected.notes
            found |= {code for who in people for code in who.codes | who.notes}
    assert found == {code.value for code in Code} - {code.value for code in LATER_CODES}


def test_the_same_arguments_write_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        write_sample_inbox(tmp_path / name, 12, seed=2 if name == "c" else 1)
    first, second, other = (_contents(tmp_path / name) for name in ("a", "b", "c"))
    assert first == second
    assert first != other


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_large_mixture_has_every_faulty_case_once_and_the_rest_sound() -> None:
    names = cases.mixture(400)
    counted = Counter(names)
    assert len(names) == 400
    assert all(counted[name] == 1 for name in cases.FAULTY)
    assert all(counted[name] > 1 for name in cases.SOUND)


def test_a_small_mixture_is_half_sound() -> None:
    assert sum(name in cases.SOUND for name in cases.mixture(20)) == 10


def test_people_register_before_the_applications_that_name_them(tmp_path: Path) -> None:
    expected = write_sample_inbox(tmp_path, 4, only=["several", "person_not_registered"])
    submitted = {
        path.parent.name: json.loads(path.read_text())["submitted_at"]
        for path in tmp_path.glob("*/application.json")
    }
    by_case = Counter(each.case for each in expected)
    named = sum(len(each.people) for each in expected if each.case == "several")
    assert by_case["registration"] == named
    assert all(each.decision == VERIFIED for each in expected if each.case == "registration")
    first_application = min(at for name, at in submitted.items() if name.startswith("TS-"))
    assert all(at < first_application for name, at in submitted.items() if name.startswith("TP-"))


def test_registrations_can_be_left_out(tmp_path: Path) -> None:
    expected = write_sample_inbox(tmp_path, 3, registrations=False)
    assert [each.application_id for each in expected] == [f"TS-2026-00000{number}" for number in (1, 2, 3)]


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    who = identities.person(Random(1))
    application = Application("TS-1", "personnel_registration", NOW, (who,), uploads={"a.zip": b"PK"})
    folder = write_application(tmp_path, application)
    assert [path.name for path in tmp_path.iterdir()] == ["TS-1"]
    assert sorted(path.name for path in folder.iterdir()) == ["a.zip", "application.json"]
    assert json.loads((folder / "application.json").read_text())["evidence"] == ["a.zip"]


EXPECTED = Expected(
    application_id="TS-1",
    case="made up",
    procedure="provider_registration",
    decision=FLAGGED,
    people=(
        ExpectedPerson("10000000146", FLAGGED, codes=frozenset({"NO_LINK"})),
        ExpectedPerson("10000000078", route="a"),
    ),
    codes=frozenset({"QR_MISSING"}),
    notes=frozenset({"DOCUMENT_UNSUPPORTED"}),
    documents=(ExpectedDocument("a.pdf", "service_statement", "hd1"),),
)


def _report() -> dict[str, Any]:
    return {
        "application_id": "TS-1",
        "decision": FLAGGED,
        "findings": [{"code": "DOCUMENT_UNSUPPORTED", "level": "note", "outcome": "failed"}],
        "people": [
            {
                "decision": FLAGGED,
                "route": None,
                "findings": [{"code": "NO_LINK", "level": "block", "outcome": "failed"}],
            },
            {"decision": VERIFIED, "route": "a", "findings": []},
        ],
        "documents": [
            {
                "name": "zip/a.pdf",
                "kind": "service_statement",
                "barcode": "hd1",
                "findings": [{"code": "QR_MISSING", "level": "block", "outcome": "indeterminate"}],
            }
        ],
    }


def test_a_report_that_says_what_was_expected_has_no_differences() -> None:
    assert differences(EXPECTED, _report()) == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("application_id",), "TS-2"),
        (("decision",), VERIFIED),
        (("findings", 0, "outcome"), "passed"),
        (("findings", 0, "level"), "review"),
        (("people", 0, "decision"), VERIFIED),
        (("people", 0, "findings"), []),
        (("people", 0, "findings", 0, "level"), "note"),
        (("people", 1, "route"), None),
        (("people",), []),
        (("documents", 0, "kind"), "unknown"),
        (("documents", 0, "barcode"), "hd2"),
        (("documents", 0, "name"), "b.pdf"),
        (("documents", 0, "findings", 0, "outcome"), "passed"),
    ],
)
def test_a_report_that_says_otherwise_differs(place: tuple[str | int, ...], value: object) -> None:
    report = _report()
    part: Any = report
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    assert differences(EXPECTED, report)


def test_what_only_the_registry_knows_can_be_left_out() -> None:
    report = {**_report(), "decision": VERIFIED}
    unasked = replace(EXPECTED, case="paper_reused")
    assert differences(unasked, report)
    assert differences(unasked, report, registry_asked=False) == []
