"""The letter that returns an application: what is in it, what is not, and how it is set."""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pdfplumber
import pytest

from extractors.facts import Document
from flows.errors import Exit
from flows.letter import Letter, NoLetter, paragraphs, why_no_letter, write_letter
from flows.letter_pdf import letter_pdf, printable
from flows.letter_text import WIDTH, letter_text
from flows.texts import Language
from flows.verdict import Verdict
from storage.desk.rulings import Approve, Return
from storage.settings import load_settings
from tests.flows.helpers import command, sample
from tests.flows.ruled import rule_at_desk
from tests.flows.test_batch import run
from tests.papers.inbox import write_sample_inbox
from tests.validators import factory as f
from validators.application import Application, Problem, ProblemKind
from validators.case import RegistryFacts
from validators.finding import Code
from validators.judgement import judge, judge_invalid

TODAY = date(2026, 11, 22)
ENDED = "Dökümde kişinin teknik servis sağlayıcısından 10.09.2026 tarihinde ayrıldığı görülüyor"
NEW_STATEMENT = "Kişi hâlâ çalışıyorsa bunu gösteren güncel hizmet dökümü yüklenmelidir."


def verdict(*documents: Document, about: Application | None = None, **case: Any) -> Verdict:
    application = about or f.application()
    judgement = judge(f.case(*documents, about=application, **case))
    return Verdict(judgement, application, "1", "0.1.0", datetime(2026, 11, 21, 9, tzinfo=UTC), stored=True)


def letter(*documents: Document, language: Language = Language.TURKISH, **about: Any) -> Letter:
    on = verdict(*documents, **about)
    assert why_no_letter(on) is None
    return write_letter(on, language, TODAY)


def said(written: Letter) -> str:
    return " ".join(letter_text(written).split())


def crowd(count: int) -> list[dict[str, str]]:
    """People with valid numbers and long names."""
    return [
        {"national_id": number, "given_name": "IŞIL ÇİĞDEM", "family_name": f"ÖRNEKOĞULLARINDANGİL {place}"}
        for place, number in enumerate(map(_number, range(count)))
    ]


def _number(place: int) -> str:
    digits = [int(digit) for digit in str(300000000 + 7 * place)]
    tenth = (7 * sum(digits[0::2]) - sum(digits[1::2])) % 10
    return "".join(map(str, [*digits, tenth, (sum(digits) + tenth) % 10]))


def pages(data: bytes) -> list[str]:
    with pdfplumber.open(io.BytesIO(data)) as document:
        return [page.extract_text() for page in document.pages]


def test_the_letter_says_what_is_missing_on_which_clause_and_how_to_mend_it() -> None:
    """Kılavuz m.6(3)(d): an ended employment is returned with the clause and the remedy."""
    text = said(letter(f.statement(rows=f.ENDED_ROWS)))
    assert "Tarih: 22.11.2026" in text
    assert "İlgi: 20.11.2026 tarihli ve TS-2026-000123 numaralı başvurunuz." in text
    assert f.TITLE in text
    assert "1. AYŞE ÖRNEK (T.C. kimlik no: 10*********)" in text
    assert ENDED in text
    assert "Dayanak: Kılavuz m.6(3)(d)" in text
    assert f"Yapılması gereken: – {NEW_STATEMENT}" in text
    assert "Bilgilerinizi ve gereğini rica ederim." in text


def test_the_letter_names_nobody_s_number_and_codes_only_in_its_reference() -> None:
    written = letter(f.statement(rows=f.ENDED_ROWS))
    *body, reference = paragraphs(written)
    assert f.AYSE["national_id"] not in letter_text(written)
    assert [code for code in Code for paragraph in body if code in paragraph.text] == []
    assert "EMPLOYMENT_ENDED" in reference.text


def test_what_passed_and_what_is_only_noted_is_not_in_the_letter() -> None:
    verified = f.statement(f.CAN, "hd0123456789abcdef09")
    about = f.application(f.AYSE, f.CAN)
    text = said(letter(f.statement(rows=f.ENDED_ROWS), verified, about=about))
    assert f.CAN["family_name"] not in text
    assert "doğrulanmamıştır" not in text


def test_people_of_whom_the_same_is_said_stand_together_and_no_sentence_comes_twice() -> None:
    about = f.application(f.AYSE, f.CAN)
    written = letter(
        f.statement(rows=f.ENDED_ROWS), f.statement(f.CAN, "hd0123456789abcdef09", f.ENDED_ROWS), about=about
    )
    text = said(written)
    (part,) = written.parts
    assert part.people == (
        "AYŞE ÖRNEK (T.C. kimlik no: 10*********)",
        "CAN DENEMECİ (T.C. kimlik no: 10*********)",
    )
    assert text.count(ENDED) == text.count(NEW_STATEMENT) == 1
    assert "(Belgeler: hd0123456789abcdef01.pdf, hd0123456789abcdef09.pdf. Dayanak:" in text


def test_one_lack_and_several_are_counted() -> None:
    broken = f.foreign(f.statement(rows=f.ENDED_ROWS))
    assert "Görülen husus: –" in said(letter(f.statement(rows=f.ENDED_ROWS)))
    text = said(letter(broken))
    assert "Görülen hususlar: –" in text
    assert "Yapılması gerekenler: –" in text


def test_who_begins_later_is_told_the_day_and_asked_for_nothing() -> None:
    """Rules A-20: a start date after the application waits; it is no lack."""
    written = letter(f.declaration(start=date(2026, 12, 1)))
    text = said(written)
    assert written.only_waits
    assert "Konu: Başvurunuzun bekletilmesi" in text
    assert (
        "Beklenecek tarih: – Tarihe bağlı olan husus 01.12.2026 tarihinde yeniden değerlendirilecektir"
        in text
    )
    assert "Yapılması gereken" not in text
    assert "Bilgilerinizi rica ederim." in text


def test_a_day_that_has_come_is_no_longer_waited_for() -> None:
    on = verdict(f.declaration(start=date(2026, 12, 1)))
    late = " ".join(letter_text(write_letter(on, Language.TURKISH, date(2026, 12, 1))).split())
    assert "Beklenen gün (01.12.2026) gelmiştir" in late
    assert "o güne kadar" not in late


def test_the_gap_in_the_rules_is_told_with_the_day_from_which_a_statement_will_do() -> None:
    """Kılavuz m.6(3)(d), SSİY m.102: too late for the declaration, too early for the statement."""
    gap = f.declaration(start=date(2026, 10, 12))
    on = verdict(f.foreign(gap))
    (flagged,) = [x for x in on.judgement.people[0].findings if x.code is Code.EVIDENCE_GAP]
    day = date.fromisoformat(str(flagged.facts["statement_from"]))
    text = said(write_letter(on, Language.TURKISH, TODAY))
    assert f"Hizmet Dökümünde {day:%d.%m.%Y} tarihinden itibaren görülmesi beklenir" in text


@pytest.mark.parametrize(
    ("documents", "why"),
    [
        ([f.statement()], NoLetter.VERIFIED),
        ([f.declaration(start=date(2026, 10, 12))], NoLetter.OFFICER_FIRST),
        ([f.statement(), f.statement(f.CAN, "hd0123456789abcdef09")], NoLetter.OFFICER_FIRST),
        ([f.foreign(f.statement(f.CAN, "hd0123456789abcdef09"))], NoLetter.OFFICER_FIRST),
        ([f.statement(rows=f.ENDED_ROWS), f.scan(f.lacking())], None),
        ([f.statement(rows=f.ENDED_ROWS)], None),
    ],
    ids=["verified", "gap", "stranger", "stranger without a code", "ended and a scan", "ended"],
)
def test_a_letter_is_due_only_when_no_officer_has_to_look_first(
    documents: Sequence[Document], why: NoLetter | None
) -> None:
    assert why_no_letter(verdict(*documents)) is why


def test_one_person_for_an_officer_keeps_the_letter_to_all_back() -> None:
    """KVKK m.11(1)(g): what nobody looked at is not returned."""
    about = f.application(f.AYSE, f.CAN)
    on = verdict(f.statement(rows=f.ENDED_ROWS), f.declaration(f.CAN, start=None), about=about)
    assert why_no_letter(on) is NoLetter.OFFICER_FIRST


def test_a_person_who_acts_alone_is_addressed_by_name() -> None:
    """Kılavuz m.4: a personnel record is the person's own act."""
    number = {**f.AYSE, "national_id": "10000000079"}
    about = f.application(number, procedure="personnel_registration", evidence=None)
    text = said(letter(about=about, uploads=()))
    assert "Sayın AYŞE ÖRNEK" in text
    assert f.TITLE not in text
    assert "10000000079" not in text
    assert "fiziki belge ya da ücret istenmez (Kılavuz m.4(2))" in text


def test_an_application_that_did_not_parse_is_returned_to_an_applicant_without_a_name() -> None:
    problem = Problem("people.0.national_id", "Field required", ProblemKind.MISSING)
    judgement = judge_invalid("TS-1", [problem], f.POLICY)
    on = Verdict(judgement, None, "1", "0.1.0", datetime.now(UTC), stored=False)
    text = said(write_letter(on, Language.TURKISH, TODAY))
    assert "Sayın Başvuru Sahibi" in text
    assert "İlgi: TS-1 numaralı başvurunuz." in text
    assert "zorunlu alan yok" in text


def test_a_missing_personnel_record_is_in_the_letter() -> None:
    """Kılavuz m.6(3)(ğ): only people who are recorded already are added."""
    text = said(letter(f.statement(), registry=RegistryFacts(frozenset())))
    assert "Kişinin personel kaydı yoktur. (Dayanak: Kılavuz m.6(3)(ğ))" in text


def test_the_letter_does_not_send_applicants_to_the_operator_s_commands() -> None:
    blank = replace(f.scan(f.statement()), scan=False, readers=())
    text = said(letter(blank))
    assert "Belgede okunabilir metin bulunamadı." in text
    assert "kanit doctor" not in text


def test_file_names_with_numbers_are_masked() -> None:
    named = replace(f.statement(rows=f.ENDED_ROWS), name=f"{f.AYSE['national_id']}.pdf")
    assert "(Belge: 10*********.pdf. Dayanak:" in said(letter(named))


def test_the_english_letter_is_english() -> None:
    text = said(letter(f.statement(rows=f.ENDED_ROWS), language=Language.ENGLISH))
    assert "Subject: What your application lacks – registration of a provider (Kılavuz m.6)" in text
    assert "(Document: hd0123456789abcdef01.pdf. Basis: Kılavuz m.6(3)(d))" in text
    assert "Yours faithfully," in text
    assert "Dayanak" not in text


def test_no_line_of_the_text_is_too_long() -> None:
    about = f.application(*crowd(12), provider={"title": "ÖRNEK ÇAĞDAŞ GÖRÜNTÜLEME " * 12})
    assert max(map(len, letter_text(letter(about=about)).splitlines())) <= WIDTH


def test_the_pdf_holds_the_letter_with_turkish_letters_and_numbered_pages() -> None:
    people = crowd(3)
    written = letter(about=f.application(*people, provider={"title": "ĞÜŞİÖÇ ğüşıöç & <B> ANONİM ŞİRKETİ"}))
    (first,) = pages(letter_pdf(written))
    text = " ".join(first.replace("\N{NO-BREAK SPACE}", " ").split())
    assert "TÜRKİYE İLAÇ VE TIBBİ CİHAZ KURUMU" in text
    assert "ĞÜŞİÖÇ ğüşıöç & <B> ANONİM ŞİRKETİ" in text
    assert all(f"ÖRNEKOĞULLARINDANGİL {place}" in text for place in range(3))
    assert "Sayfa 1 / 1" in text


def test_a_long_letter_has_numbered_a4_pages_and_loses_nobody() -> None:
    people = crowd(160)
    written = letter(about=f.application(*people))
    data = letter_pdf(written)
    texts = pages(data)
    assert len(texts) > 2
    assert [text.splitlines()[-1] for text in texts] == [
        f"Sayfa {number} / {len(texts)}" for number in range(1, len(texts) + 1)
    ]
    assert sum(text.count("ÖRNEKOĞULLARINDANGİL") for text in texts) == len(people)
    with pdfplumber.open(io.BytesIO(data)) as document:
        assert {(round(page.width), round(page.height)) for page in document.pages} == {(595, 842)}
        fonts = {letter["fontname"] for page in document.pages for letter in page.chars}
    assert all("+" in font for font in fonts), "every font that is used is embedded"


def test_the_same_letter_gives_the_same_bytes() -> None:
    written = letter(f.statement(rows=f.ENDED_ROWS))
    assert letter_pdf(written) == letter_pdf(written)


def test_letters_that_the_font_lacks_are_written_by_their_base_letter() -> None:
    assert printable("Kőrösi ȘTEFAN Ğıİş") == "Korösi STEFAN Ğıİş"
    assert printable("漢") == "?"


def test_the_command_prints_the_letter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = command(capsys, "letter", sample(tmp_path, "employment_ended"))
    assert printed.code == Exit.OK
    assert "Konu: Başvurunuzdaki eksiklikler" in printed.out
    assert printed.err == ""


def test_the_language_of_the_terminal_is_not_that_of_the_letter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KANIT_LANG", "en")
    folder = sample(tmp_path, "employment_ended")
    assert "Konu: " in command(capsys, "letter", folder).out
    assert "Subject: " in command(capsys, "letter", folder, "--language", "en").out


def test_the_command_writes_a_pdf_on_a_stored_judgement(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_sample_inbox(tmp_path / "inbox", 1, only=["employment_ended"])
    run(tmp_path / "inbox", load_settings(home=tmp_path / ".kanit"))
    printed = command(capsys, "letter", "TS-2026-000001", "--pdf", tmp_path / "yazı.pdf")
    assert printed.code == Exit.OK
    assert printed.out == ""
    assert "yazı.pdf” dosyasına yazıldı." in printed.err
    assert "ayrıldığı" in pages((tmp_path / "yazı.pdf").read_bytes())[0]


@pytest.fixture
def returned(tmp_path: Path, home: Path) -> str:
    """An application that an officer returned, with a letter of the officer's."""
    write_sample_inbox(tmp_path / "inbox", 1, only=["employment_ended"])
    run(tmp_path / "inbox", load_settings(home=home))
    rule_at_desk(
        home, "TS-2026-000001", Return((Code.EMPLOYMENT_ENDED,), "Sayın ilgili,\n\n– Belge eskidir.")
    )
    return "TS-2026-000001"


def test_the_letter_of_an_officer_is_given_out_as_it_was_sent(
    returned: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = command(capsys, "letter", returned)
    assert printed.code == Exit.OK
    assert printed.out.split() == ["Sayın", "ilgili,", "–", "Belge", "eskidir."]
    assert "tarihli kararıyla gönderilen yazı" in printed.err
    command(capsys, "letter", returned, "--pdf", tmp_path / "a.pdf")
    assert "Belge eskidir." in pages((tmp_path / "a.pdf").read_bytes())[0]


def test_after_a_new_folder_the_letter_is_the_machine_s_again(
    returned: str, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "inbox" / returned / "application.json"
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    (tmp_path / "inbox" / returned / "evidence.zip").write_bytes(b"Rar!\x1a\x07\x01\x00")
    run(tmp_path / "inbox", load_settings(home=home))
    assert "Konu: Başvurunuzdaki eksiklikler" in command(capsys, "letter", returned).out


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("employment_ended", "ikinci bir görevlinin onayını bekliyor"),
        ("person_name_differs", "bir görevli onayladı"),
    ],
)
def test_what_an_officer_approved_needs_no_letter(
    case: str, words: str, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_sample_inbox(tmp_path / "inbox", 1, only=[case])
    run(tmp_path / "inbox", load_settings(home=home))
    rule_at_desk(home, "TS-2026-000001", Approve("Gördüm."))
    printed = command(capsys, "letter", "TS-2026-000001")
    assert (printed.code, printed.out) == (Exit.FLAGGED, "")
    assert words in printed.err


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = sample(tmp_path, "employment_ended")
    printed = command(capsys, "letter", folder, "--pdf", tmp_path / "missing" / "a.pdf")
    assert printed.code == Exit.USAGE
    assert "yazılamadı" in printed.err


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("statement", "doğrulandı; iade yazısı gerekmez"),
        ("qr_person_mismatch", "önce bir görevlinin incelemesi"),
    ],
)
def test_where_no_letter_is_due_the_command_says_so_and_ends_with_10(
    case: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = command(capsys, "letter", sample(tmp_path, case), "--pdf", tmp_path / "a.pdf")
    assert printed.code == Exit.FLAGGED
    assert printed.out == ""
    assert words in printed.err
    assert not (tmp_path / "a.pdf").exists()
