"""Decisions on a case by their pages, without JavaScript: each kind, what came of it, and the audit line it leaves."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from review.decide_asks import today
from review.desk import Desk
from storage.desk.audit import lines
from storage.desk.claims import claim_case
from storage.models import CaseState, RulingKind, RulingState
from tests.review.decided import (
    area,
    employed,
    events_on,
    inbox_of,
    line_of,
    main_of,
    officer,
    rulings_audited,
    ticked,
    unlabelled,
)
from tests.review.visiting import Visitor
from tests.storage.desk.cases import put_blocked, put_for_review
from tests.storage.procedures import petition
from tests.storage.samples import AYSE, ISIL, application, register, statement

Visit = Callable[..., Visitor]
TOMORROW = (today() + timedelta(days=1)).isoformat()


def test_an_approval_writes_the_registry_and_is_told_with_the_next_case(
    visit: Visit, desk: Desk, tmp_path: Path
) -> None:
    inbox = inbox_of(desk, tmp_path)
    put_for_review(inbox)
    put_for_review(inbox, "A-2", ISIL)
    before = employed(desk)
    told = main_of(officer(visit).decide("A-1", "approve").text)
    assert "Başvuru onaylandı ve sicile yazıldı." in told
    assert "Sıradaki başvuru A-2" in told
    assert len(employed(desk)) == len(before) + 1
    assert line_of(desk, "A-1").state is CaseState.APPROVED
    assert rulings_audited(desk) == [("ruling", "approve")]


def test_an_approval_against_a_block_asks_for_a_reason_and_waits_for_a_second_officer(
    visit: Visit, desk: Desk, tmp_path: Path
) -> None:
    put_blocked(inbox_of(desk, tmp_path))
    ayla = officer(visit)
    page = ayla.open("A-1", "approve").text
    assert "bir birim amiri kabul edince yürürlüğe girer" in page
    refused = ayla.send("A-1", "approve", page)
    assert refused.status_code == 422
    assert 'aria-describedby="decide-reason-hint decide-reason-wrong"' in refused.text
    assert events_on(desk, "A-1") == ()
    told = ayla.decide("A-1", "approve", reason="Çıkış bildirgesi iptal edilmiş.")
    assert "Onay önerisi kaydedildi." in told.text
    assert employed(desk) == []


def test_a_letter_is_drafted_for_the_ticked_codes_edited_shown_and_sent_as_pdf(
    visit: Visit, desk: Desk, tmp_path: Path
) -> None:
    put_blocked(inbox_of(desk, tmp_path))
    ayla = officer(visit)
    page = ayla.open("A-1", "return").text
    codes, body = ticked(page), area(page, "letter")
    assert codes == ["EMPLOYMENT_ENDED"]
    assert "Görülen husus" in body
    edited = body + "\n\nBelgelerinizi bir hafta içinde gönderiniz."
    shown = ayla.send("A-1", "return", page, codes=codes, letter=edited, action="preview")
    assert shown.status_code == 200
    assert "TÜRKİYE İLAÇ VE TIBBİ CİHAZ KURUMU" in shown.text
    draft = ayla.send("A-1", "return", page, codes=codes, letter=edited, action="pdf")
    assert draft.content.startswith(b"%PDF")
    assert events_on(desk, "A-1") == ()
    told = ayla.decide("A-1", "return", codes=codes, letter=edited)
    assert "bir hafta içinde gönderiniz" in told.text
    (event,) = events_on(desk, "A-1")
    sent = ayla.visitor.get(f"/cases/A-1/decisions/{event.ruling}/letter")
    assert (sent.headers["content-type"], sent.content[:4]) == ("application/pdf", b"%PDF")
    assert "filename*=UTF-8''A-1.pdf" in sent.headers["content-disposition"]
    letters = [line for line in desk.database.read(lines) if line.action == "letter"]
    assert len(letters) == 2


def test_a_letter_is_drafted_anew_when_other_codes_are_ticked(
    visit: Visit, desk: Desk, tmp_path: Path
) -> None:
    put_blocked(inbox_of(desk, tmp_path))
    ayla = officer(visit)
    page = ayla.open("A-1", "return").text
    none = ayla.send("A-1", "return", page, letter="Elle yazılmış.", reason="Not.", action="draft")
    assert (area(none.text, "letter"), ticked(none.text), area(none.text, "reason")) == ("", [], "Not.")
    again = ayla.send(
        "A-1", "return", page, codes="EMPLOYMENT_ENDED", letter="Elle yazılmış.", action="draft"
    )
    assert area(again.text, "letter") == area(page, "letter")


def test_a_return_without_a_code_or_a_letter_is_not_entered(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    put_blocked(inbox_of(desk, tmp_path))
    ayla = officer(visit)
    page = ayla.open("A-1", "return").text
    empty = ayla.send("A-1", "return", page, letter=" ")
    assert empty.status_code == 422
    assert "En az bir neden seçin." in empty.text
    assert 'id="decide-letter-wrong"' in empty.text
    unknown = ayla.send("A-1", "return", page, letter="Yazı.", codes="QR_MISSING")
    assert unknown.status_code == 422
    assert events_on(desk, "A-1") == ()


def test_a_rejection_names_the_remedies(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    put_blocked(inbox_of(desk, tmp_path))
    ayla = officer(visit)
    page = ayla.open("A-1", "reject").text
    assert "altmış gün içinde yetkili idare mahkemesinde" in area(page, "letter")
    told = ayla.decide("A-1", "reject", codes=ticked(page), letter=area(page, "letter"))
    assert "Başvurunuzun reddi" in told.text
    assert line_of(desk, "A-1").state is CaseState.REJECTED


def test_a_case_waits_until_a_day_to_come(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    put_for_review(inbox_of(desk, tmp_path))
    ayla = officer(visit)
    page = ayla.open("A-1", "wait").text
    past = ayla.send("A-1", "wait", page, until=today().isoformat())
    assert past.status_code == 422
    assert "Bugünden sonraki bir gün seçin." in past.text
    ayla.decide("A-1", "wait", until=TOMORROW)
    line = line_of(desk, "A-1")
    assert (line.state, line.due_on.isoformat()) == (CaseState.WAITING, TOMORROW)


def test_a_corrected_name_is_judged_at_once_and_the_new_answer_is_shown(
    visit: Visit, desk: Desk, tmp_path: Path
) -> None:
    put_for_review(inbox_of(desk, tmp_path))
    ayla = officer(visit)
    papers = ayla.open("A-1", "correct").text
    assert "AYŞE ÖRNEK – " in papers
    assert AYSE.national_id not in papers
    fields = main_of(ayla.open("A-1", "correct", document=0).text)
    assert "soyadı BAŞKA Düzelt" in fields
    assert AYSE.national_id not in fields
    page = ayla.open("A-1", "correct", document=0, field="family_name").text
    assert "<strong>BAŞKA</strong>" in page
    sent = ayla.send(
        "A-1", "correct", page, document=0, field="family_name", value="ÖRNEK", reason="Satır kaymış."
    )
    told = main_of(ayla.visitor.get(sent.headers["location"]).text)
    assert "Okunan değer BAŞKA Düzeltilen değer ÖRNEK" in told
    assert "Başvuru doğrulandı; açık bulgu kalmadı." in told
    (event,) = events_on(desk, "A-1")
    assert (event.kind, event.old) == (RulingKind.CORRECT, "BAŞKA")
    assert rulings_audited(desk) == [("ruling", "correct")]


@pytest.mark.parametrize(
    ("field", "value", "wrong"),
    [
        ("family_name", "BAŞKA", "Değer zaten böyle."),
        ("family_name", "", "Bu alanı doldurun."),
        ("issued_on", "22.11.2026", "Tarihi gün, ay ve yıl olarak girin."),
        ("national_id", "123", "Bu bilgi böyle yazılmaz."),
        ("records.0.days", "40", "Sınırlar içinde bir tam sayı girin."),
    ],
)
def test_what_cannot_be_the_value_is_told_beside_its_field(  # noqa: PLR0917 - fixtures
    field: str, value: str, wrong: str, visit: Visit, desk: Desk, tmp_path: Path
) -> None:
    put_for_review(inbox_of(desk, tmp_path))
    ayla = officer(visit)
    page = ayla.open("A-1", "correct", document=0, field=field).text
    sent = ayla.send("A-1", "correct", page, document=0, field=field, value=value, reason="Deneme.")
    assert sent.status_code == 422
    assert f'id="decide-value-wrong">{wrong}' in sent.text
    assert events_on(desk, "A-1") == ()


def test_a_cell_of_a_row_is_corrected_to_what_the_paper_does_not_tell(
    visit: Visit, desk: Desk, tmp_path: Path
) -> None:
    put_blocked(inbox_of(desk, tmp_path))
    ayla = officer(visit)
    page = ayla.open("A-1", "correct", document=0, field="records.2.exit_date").text
    assert "Satır 3: çıkış tarihi" in page
    sent = ayla.send(
        "A-1",
        "correct",
        page,
        document=0,
        field="records.2.exit_date",
        none="1",
        reason="Leke tarih sanılmış.",
    )
    told = ayla.visitor.get(sent.headers["location"]).text
    assert "bir engeli kaldırdığı için" in told
    (event,) = events_on(desk, "A-1")
    assert (event.state, event.old) == (RulingState.PROPOSED, "2026-10-15")


def test_a_paper_is_marked_as_another_kind_and_judged_at_once(
    visit: Visit, desk: Desk, tmp_path: Path
) -> None:
    put_for_review(inbox_of(desk, tmp_path))
    told = main_of(
        officer(visit)
        .decide("A-1", "kind", document=0, kind="exit_declaration", reason="Çıkış bildirgesi.")
        .text
    )
    assert "Okunan değer SGK Hizmet Dökümü Düzeltilen değer Sigortalı İşten Ayrılış Bildirgesi" in told
    assert "Kalkan bulgular Ad ya da soyad farklı Yeni bulgular" in told
    assert "Kanıt sayılmayan belge" in told
    assert rulings_audited(desk) == [("ruling", "mark_kind")]


def test_a_decision_is_undone_by_a_new_one_and_both_stay(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    put_for_review(inbox_of(desk, tmp_path))
    ayla = officer(visit)
    ayla.decide("A-1", "approve")
    ayla.decide("A-1", "reopen", reason="Yanlış başvuru onaylanmış.")
    assert [event.kind for event in events_on(desk, "A-1")] == [RulingKind.APPROVE, RulingKind.REOPEN]
    assert line_of(desk, "A-1").state is CaseState.OPEN
    assert rulings_audited(desk) == [("ruling", "approve"), ("ruling", "reopen")]


def test_a_petition_for_deletion_is_decided_with_a_reason(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    inbox = inbox_of(desk, tmp_path)
    register(inbox, AYSE)
    inbox.run()
    petition(inbox, "D-1", "20T10:00")
    inbox.run()
    ayla = officer(visit)
    page = ayla.open("D-1", "approve").text
    assert "Bu karar geri alınamaz." in page
    assert ayla.send("D-1", "approve", page).status_code == 422
    ayla.decide("D-1", "approve", reason="Sehven kayıt.")
    again = ayla.open("D-1", "reopen").text
    assert ayla.send("D-1", "reopen", again, reason="Geri alınsın.").status_code == 409


def test_whoever_comes_second_is_shown_what_changed_and_keeps_what_was_typed(
    visit: Visit, desk: Desk, tmp_path: Path
) -> None:
    put_for_review(inbox_of(desk, tmp_path))
    ayla, bora = officer(visit), officer(visit, name="bora")
    page = ayla.open("A-1", "approve").text
    ayla.visitor.post("/queue/release", application="A-1")
    bora.decide("A-1", "reject", codes="PERSON_NAME_DIFFERS", letter="Reddedilmiştir.", reason="Ad başka.")
    late = ayla.send("A-1", "approve", page, reason="Uzun bir gerekçe.")
    assert late.status_code == 409
    told = main_of(late.text)
    assert "Kararınız kaydedilmedi." in told
    assert "Ret yürürlükte Deneme reviewer" in told
    assert "Başvurunun şimdiki durumu: reddedildi." in told
    assert "Uzun bir gerekçe." in told
    assert len(events_on(desk, "A-1")) == 1


def test_a_judgement_that_changed_is_told_with_the_findings_that_came_and_went(
    visit: Visit, desk: Desk, tmp_path: Path
) -> None:
    put_for_review(inbox_of(desk, tmp_path))
    ayla, bora = officer(visit), officer(visit, name="bora")
    page = ayla.open("A-1", "approve").text
    ayla.visitor.post("/queue/release", application="A-1")
    bora.decide("A-1", "kind", document=0, kind="exit_declaration", reason="Çıkış bildirgesi.")
    late = ayla.send("A-1", "approve", page)
    assert late.status_code == 409
    told = main_of(late.text)
    assert "Başvuru bu arada yeniden değerlendirildi." in told
    assert "Kalkan bulgular Ad ya da soyad farklı" in told
    assert "Yeni bulgular" in told


def test_a_case_that_somebody_else_holds_cannot_be_decided(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    put_for_review(inbox_of(desk, tmp_path))
    ayla, bora = officer(visit), officer(visit, name="bora")
    page = ayla.open("A-1", "approve").text
    ayla.visitor.post("/queue/release", application="A-1")
    assert bora.visitor.account is not None
    claim_case(desk.database, "A-1", bora.visitor.account)
    for answer in (ayla.open("A-1", "approve"), ayla.send("A-1", "approve", page)):
        assert answer.status_code == 409
        assert "Bu başvuru Deneme reviewer adlı görevlide" in answer.text
    assert events_on(desk, "A-1") == ()


def test_a_case_that_was_verified_meanwhile_is_told_so(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    put_for_review(inbox_of(desk, tmp_path))
    ayla, bora = officer(visit), officer(visit, name="bora")
    page = ayla.open("A-1", "approve").text
    ayla.visitor.post("/queue/release", application="A-1")
    bora.decide("A-1", "correct", document=0, field="family_name", value="ÖRNEK", reason="Kaymış.")
    late = ayla.send("A-1", "approve", page)
    assert late.status_code == 409
    assert "Okunan bilginin düzeltilmesi" in main_of(late.text)
    assert len(events_on(desk, "A-1")) == 1


def test_a_case_whose_new_folder_was_verified_meanwhile_is_told_so(
    visit: Visit, desk: Desk, tmp_path: Path
) -> None:
    inbox = inbox_of(desk, tmp_path)
    put_for_review(inbox)
    ayla = officer(visit)
    page = ayla.open("A-1", "approve").text
    inbox.put(application("A-1"), statement(barcode="hd99-9999-9999-9999"))
    inbox.run()
    late = ayla.send("A-1", "approve", page)
    assert late.status_code == 409
    assert "Başvuru artık kuyrukta değil" in late.text


def test_a_correction_that_erred_is_taken_back_and_the_case_goes_on(
    visit: Visit, desk: Desk, tmp_path: Path
) -> None:
    put_for_review(inbox_of(desk, tmp_path))
    ayla = officer(visit)
    ayla.decide("A-1", "correct", document=0, field="family_name", value="ÖRNEK", reason="Kaymış.")
    shown = main_of(ayla.visitor.get("/cases/A-1").text)
    assert "Düzeltilen bilgiyle doğrulandı" in shown
    told = main_of(ayla.decide("A-1", "reopen", reason="Yanlış satıra bakmışım.").text)
    assert "Bu başvuruyla devam et" in told
    shown = main_of(ayla.visitor.get("/cases/A-1").text)
    assert "bulgular o zaman geri gelir" in shown
    assert "Reddet" not in shown
    ayla.decide("A-1", "correct", document=0, field="family_name", value="BAŞKA", reason="Böyle yazıyor.")
    assert "Reddet" in main_of(ayla.visitor.get("/cases/A-1").text)


def deeds_on(page: str) -> dict[str, bool]:
    """The decisions that a case page offers, and which of them it proposes."""
    found = re.findall(r'<a class="button( main)?" href="/cases/[^"]+/decide/(\w+)\?', page)
    return {name: bool(main) for main, name in found}


def test_a_case_offers_what_may_be_decided_and_proposes_what_the_machine_does(
    visit: Visit, desk: Desk, tmp_path: Path
) -> None:
    inbox = inbox_of(desk, tmp_path)
    put_blocked(inbox)
    put_for_review(inbox, "A-2")
    inbox.write("A-3", b"{", b"PK")
    inbox.run()
    get = officer(visit).visitor.get
    all_of_them = ["approve", "return", "reject", "wait", "correct", "kind"]
    assert deeds_on(get("/cases/A-1").text) == dict.fromkeys(all_of_them, False) | {"return": True}
    assert deeds_on(get("/cases/A-2").text) == dict.fromkeys(all_of_them, False)
    assert deeds_on(get("/cases/A-3").text) == {"return": True, "reject": False, "wait": False}


def test_the_only_paper_need_not_be_chosen(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    put_for_review(inbox_of(desk, tmp_path))
    page = officer(visit).open("A-1", "correct").text
    assert "<select" not in page
    assert "field=family_name" in page


def test_a_form_without_its_token_enters_nothing(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    put_for_review(inbox_of(desk, tmp_path))
    ayla = officer(visit)
    page = ayla.open("A-1", "approve").text
    assert ayla.send("A-1", "approve", page, csrf="").status_code == 403
    assert events_on(desk, "A-1") == ()


def test_unknown_decisions_and_cases_are_not_found(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    put_for_review(inbox_of(desk, tmp_path))
    ayla = officer(visit)
    assert ayla.open("A-1", "delete").status_code == 404
    assert ayla.open("A-9", "approve").status_code == 404
    assert ayla.visitor.get("/cases/A-1/decisions/99").status_code == 404


def test_every_form_has_a_label_for_every_field_in_both_languages(
    visit: Visit, desk: Desk, tmp_path: Path
) -> None:
    put_blocked(inbox_of(desk, tmp_path))
    ayla = officer(visit)
    for language in ("tr", "en"):
        ayla.visitor.http.cookies.set("kanit_language", language)
        for deed in ("approve", "return", "reject", "wait", "correct", "kind"):
            assert unlabelled(ayla.open("A-1", deed).text) == []
        for field in ("family_name", "issued_on", "workplace_number", "records.0.days"):
            assert unlabelled(ayla.open("A-1", "correct", document=0, field=field).text) == []
