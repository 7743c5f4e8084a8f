"""`kanit registry card`, `person` and `recheck`: what officers see of records and of evidence that ages."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from extractors.facts import Kind
from flows.ageing import count_ageing
from flows.errors import Exit
from flows.records import ageing_lines, kind_name, person_card_lines, provider_card_lines, to_json
from flows.texts import Language
from storage.cards import EmploymentCard, PersonCard, ProviderCard
from storage.models import Basis, RegistryState, Standing
from storage.proofs import Proof
from storage.recheck import Ageing
from tests.flows.helpers import asked, command
from validators.finding import Route

PERSON = "10000000078"
MOMENT = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
JUDGED = "değerlendirme 21.11.2026, politika kilavuz-v3 (1)"
WORKS = EmploymentCard(
    national_id=PERSON,
    given_name="AYŞE",
    family_name="ÖRNEK",
    provider="ÖRNEK LİMİTED ŞİRKETİ",
    standing=Standing.AWAITS_APPROVAL,
    basis=Basis.APPROVAL,
    since=date(2026, 8, 3),
    route=Route.SERVICE_STATEMENT,
    evidence=Proof("ab" * 32, Kind.SERVICE_STATEMENT, date(2026, 11, 19)),
    application_id="TS-1",
    judgement=1,
    judged_at=MOMENT,
    policy="kilavuz-v3",
    policy_version="1",
    ended_at=None,
    ended_by=None,
)
LEFT = replace(
    WORKS,
    standing=Standing.ENDED,
    since=None,
    evidence=None,
    basis=Basis.POST_HOC,
    ended_at=MOMENT,
    ended_by="TS-9",
)
CARD = ProviderCard(
    title="AYŞE ÖRNEK TIBBİ CİHAZ SERVİSİ",
    tax_number=PERSON,
    mersis_number=f"{PERSON}00001",
    workplace_numbers=("23313010110433770010924000",),
    registered_at=MOMENT,
    registered_by="TS-1",
    employments=(WORKS, LEFT),
)
AGEING = Ageing(
    provider="ÖRNEK LİMİTED ŞİRKETİ",
    national_id=PERSON,
    given_name="AYŞE",
    family_name="ÖRNEK",
    kind=Kind.ENTRY_DECLARATION,
    day=date(2026, 1, 5),
    by_judgement=False,
    age_days=200,
    basis=Basis.POST_HOC,
    application_id="TS-1",
)


def test_a_provider_s_card_in_turkish() -> None:
    """m.8(1)(d); m.6(3)(ı), m.7(1)(g)-(ı). Days are those of Istanbul; a sole trader's numbers are masked."""
    assert list(provider_card_lines(CARD, Language.TURKISH, reveal=False)) == [
        "AYŞE ÖRNEK TIBBİ CİHAZ SERVİSİ",
        "  Vergi numarası: 10*********",
        "  MERSİS numarası: 10*********",
        "  SGK işyeri numarası: 23313010110433770010924000",
        "  Kayıt tarihi: 21.11.2026, başvuru TS-1",
        "  Süren çalışma kayıtları: 1",
        "    10*********  AYŞE ÖRNEK",
        "      Doğrulandı, Kurumun onayına sunuldu (Kılavuz m.6(3)(ı))",
        "      İşe başlama: 03.08.2026",
        f"      Kanıt: SGK Hizmet Dökümü, 19.11.2026, sha256 {'ab' * 32}",
        f"      Dayanak: başvuru TS-1 (Kılavuz m.6, Kurum onayına tabi); {JUDGED}",
        "  Sona eren çalışma kayıtları: 1",
        "    10*********  AYŞE ÖRNEK",
        "      Sona erdi",
        "      İşe başlama: belgede yazılı değil",
        "      Kanıt: tek bir belgeye bağlı değil",
        f"      Dayanak: başvuru TS-1 (Kılavuz m.7, sonradan denetlenir); {JUDGED}",
        "      Sona erme: 21.11.2026, başvuru TS-9",
    ]


def test_a_provider_s_card_in_english_and_revealed() -> None:
    lines = list(provider_card_lines(replace(CARD, registered_at=None), Language.ENGLISH, reveal=True))
    assert f"  Tax number: {PERSON}" in lines
    assert f"  MERSİS number: {PERSON}00001" in lines
    assert "  No registration of its own" in lines
    assert "      Ended on 2026-11-21, application TS-9" in lines


def test_a_company_s_numbers_are_nobody_s() -> None:
    company = replace(CARD, tax_number="1234567890", mersis_number="0123456789000014")
    found = to_json(company, reveal=False)
    assert (found["tax_number"], found["mersis_number"]) == ("1234567890", "0123456789000014")


def test_a_card_as_json_tells_the_evidence() -> None:
    found = to_json(CARD, reveal=False)
    assert PERSON not in json.dumps(found)
    assert found["registered_at"] == "2026-11-21T01:30:00+03:00"
    assert found["employments"][0]["evidence"] == {
        "sha256": "ab" * 32,
        "kind": "service_statement",
        "day": "2026-11-19",
    }


def test_a_deleted_record_is_shown_to_officers_as_deleted() -> None:
    """m.4(3)."""
    card = PersonCard(
        national_id=PERSON,
        given_name="AYŞE",
        family_name="ÖRNEK",
        state=RegistryState.DELETED,
        registered_at=MOMENT,
        registered_by="P-1",
        deleted_as_of=MOMENT,
        employments=(LEFT,),
    )
    assert list(person_card_lines(card, Language.ENGLISH, reveal=False))[:6] == [
        "10*********  AYŞE ÖRNEK",
        "  State: deleted",
        "  Recorded on: 2026-11-21, application P-1",
        "  Deleted on petition (Kılavuz m.4(3)): 2026-11-21",
        "  Running employments: 0",
        "  Ended employments: 1",
    ]


def test_evidence_that_aged_is_told_with_its_day() -> None:
    assert list(ageing_lines(AGEING, Language.TURKISH, reveal=False)) == [
        "10*********  AYŞE ÖRNEK · ÖRNEK LİMİTED ŞİRKETİ",
        "  Kanıt: Sigortalı İşe Giriş Bildirgesi, 05.01.2026 (200 gün); başvuru TS-1",
    ]
    judged = replace(AGEING, kind=None, by_judgement=True)
    assert list(ageing_lines(judged, Language.ENGLISH, reveal=False))[1] == (
        "  Evidence: no single paper, of unknown day; judged on 2026-01-05 (200 days); application TS-1"
    )


@pytest.mark.parametrize("language", Language)
def test_every_kind_of_paper_has_a_name(language: Language) -> None:
    names = [kind_name(kind, language) for kind in (*Kind, None)]
    assert len({*names}) == len(names)
    assert all(names)


def test_prefect_is_told_counts_and_ages_and_nobody() -> None:
    older = replace(AGEING, age_days=300)
    statement = replace(AGEING, kind=Kind.SERVICE_STATEMENT)
    counts = count_ageing([AGEING, older, statement, replace(AGEING, kind=None)], 183)
    assert [tuple(row.values()) for row in counts.rows()] == [
        ("entry_declaration", "post_hoc", 2, 300),
        ("none", "post_hoc", 1, 200),
        ("service_statement", "post_hoc", 1, 200),
    ]
    assert (counts.employments, counts.older_than_days) == (4, 183)


def test_officers_look_at_a_registered_provider(
    declared: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """m.6(3)(d), (ı): on what evidence, by which application, whether approved."""
    printed = command(capsys, "registry", "card", "--provider", declared["title"][:12], "--json")
    (card,) = printed.lines
    (work,) = card["employments"]
    assert printed.code == Exit.OK
    assert (card["tax_number"], work["evidence"]["kind"]) == (declared["tax_number"], "service_statement")
    assert work["standing"] == "awaits_approval"
    by_number = command(capsys, "registry", "card", "--tax-number", declared["tax_number"], "--json")
    assert by_number.lines == [card]
    person = asked(capsys, monkeypatch, declared["national_id"], "person", "--national-id", "--json")
    assert person.lines[0]["employments"] == [work]
    assert declared["national_id"] not in printed.out + person.out
    nobody = command(capsys, "registry", "card", "--provider", "KİMSE", "--lang", "en")
    assert (nobody.code, nobody.out) == (Exit.FLAGGED, "No record was found.\n")


def test_a_recheck_lists_old_evidence_and_ends_with_ten(
    declared: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """m.7(1)(g)-(ı): nobody but the provider removes a person, so somebody must ask."""
    (card,) = command(capsys, "registry", "card", "--provider", declared["title"], "--json").lines
    day = card["employments"][0]["evidence"]["day"]
    monkeypatch.setattr("flows.commands.registry.today", lambda: date(2030, 1, 1))
    printed = command(capsys, "registry", "recheck", "--older-than", "0", "--json")
    (due,) = printed.lines
    assert printed.code == Exit.FLAGGED
    assert (due["provider"], due["day"], due["kind"]) == (declared["title"], day, "service_statement")
    assert due["family_name"] == declared["family_name"]
    assert declared["national_id"] not in printed.out
    monkeypatch.setenv("KANIT_RECHECK_DAYS", "100000")
    nothing = command(capsys, "registry", "recheck", "--lang", "en")
    assert (nothing.code, nothing.out) == (
        Exit.OK,
        "Running employments on evidence older than 100000 days: 0\n",
    )
