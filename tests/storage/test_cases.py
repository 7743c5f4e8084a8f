from dataclasses import replace

import pytest

from storage.batches import batched
from storage.cases import CaseFile
from storage.reuse import NAMED_APPLICATIONS
from tests.storage.samples import AYSE, ISIL, KEYS, POLICY, Inbox, application, register, statement
from validators.case import Certificate, RegistryFacts

COURSE = Certificate("kurs.pdf", "0" * 64)
FILE = CaseFile(1, "A-1", 1, "f" * 64, None, (), (), RegistryFacts(frozenset(), {}))


def _key(file: CaseFile = FILE, version: str = "1") -> str:
    return file.run_key(POLICY, version, KEYS)


@pytest.mark.parametrize(
    "other",
    [
        _key(replace(FILE, application_id="A-2")),
        _key(replace(FILE, fingerprint="e" * 64)),
        _key(replace(FILE, registry=RegistryFacts(None, {}))),
        _key(replace(FILE, registry=RegistryFacts(frozenset({AYSE.national_id}), {}))),
        _key(replace(FILE, registry=RegistryFacts(frozenset(), {"sha256:1": ("A-2",)}))),
        _key(replace(FILE, registry=RegistryFacts(frozenset(), employed=frozenset()))),
        _key(replace(FILE, registry=RegistryFacts(frozenset(), certificates={AYSE.national_id: (COURSE,)}))),
        _key(version="2"),
        FILE.run_key(POLICY.model_copy(update={"version": "2"}), "1", KEYS),
    ],
)
def test_the_run_key_differs_with_everything_a_judgement_depends_on(other: str) -> None:
    assert other != _key()


def test_the_run_key_does_not_depend_on_order_or_on_row_numbers() -> None:
    one = RegistryFacts(
        frozenset({AYSE.national_id, ISIL.national_id}), {"sha256:1": ("A", "B"), "sha256:2": ("C",)}
    )
    two = RegistryFacts(
        frozenset({ISIL.national_id, AYSE.national_id}), {"sha256:2": ("C",), "sha256:1": ("B", "A")}
    )
    assert _key(replace(FILE, registry=one)) == _key(
        replace(FILE, registry=two, application_key=9, version_key=9)
    )


def test_a_paper_that_everybody_has_names_some_of_them(inbox: Inbox) -> None:
    for number in range(NAMED_APPLICATIONS + 3):
        inbox.put(application(f"A-{number:02d}"), statement())
    inbox.read_all()
    inbox.judge_all()
    (judged,) = inbox.judged([inbox.key(f"A-{NAMED_APPLICATIONS + 2:02d}")])
    assert judged.file.registry.reused[statement().id] == tuple(
        f"A-{number:02d}" for number in range(NAMED_APPLICATIONS)
    )


def test_an_application_that_names_very_many_people_does_not_stop_the_batch(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Databases limit the values of one statement."""
    for module in ("cases", "known", "registry", "employments"):
        monkeypatch.setattr(f"storage.{module}.IN_VALUES", 1)
    register(inbox, AYSE, ISIL)
    papers = statement(AYSE), statement(ISIL, "hd99-9999-9999-9999")
    inbox.put(application("B-1", people=[AYSE, ISIL]), *papers)
    inbox.run()
    (judged,) = inbox.judged([inbox.key("B-1")])
    assert judged.judgement.decision == "verified"


def test_batches_hold_every_item_once() -> None:
    assert list(batched(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(batched([], 2)) == []


def test_papers_without_a_barcode_number_are_not_each_others(inbox: Inbox) -> None:
    """A number of dashes alone is none."""
    for application_id, person in (("A-1", AYSE), ("A-2", ISIL)):
        paper = statement(person)
        blank = tuple(replace(field, value=" - ", raw=" - ") for field in paper.barcodes)
        inbox.put(application(application_id, people=[person]), replace(paper, qrs=(), barcodes=blank))
    inbox.read_all()
    for item in inbox.judged([inbox.key("A-1"), inbox.key("A-2")]):
        assert item.file.registry.reused == {}
