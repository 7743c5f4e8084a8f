"""The queries of Kılavuz m.8: the six facts and nothing else, asked by POST, counted and audited."""

import base64
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, update

from extractors.facts import Fault, FaultCode, Upload
from review import query_page
from review.desk import Desk
from storage.desk.accounts import Role
from storage.desk.audit import Action, LineFilter, lines
from storage.facts import pack_upload
from storage.models import UploadRow
from tests.review.nights import put_night
from tests.review.visiting import Visitor
from tests.storage.samples import AYSE, ISIL, PROVIDER

Visit = Callable[..., Visitor]
FACTS = [
    "T.C. kimlik numarası",
    "Ad ve soyad",
    "Durumu",
    "Kaydın oluşturulma tarihi",
    "Çalıştığı kuruluş",
    "Sertifika dosyaları",
]


@pytest.fixture
def asker(visit: Visit, desk: Desk, tmp_path: Path) -> Visitor:
    """A health-service provider, and a registry in which IŞIL works at `PROVIDER`."""
    put_night(desk, tmp_path / "inbox")
    visitor = visit(Role.PROVIDER_QUERY)
    visitor.get("/query")
    return visitor


def by_person(asker: Visitor, national_id: str = ISIL.national_id, **fields: str) -> httpx.Response:
    return asker.post("/query", kind="person", national_id=national_id, **fields)


def facts_in(page: str) -> list[str]:
    return re.findall(r"<dt>([^<]*)</dt>", page)


def test_a_person_is_shown_with_six_facts(asker: Visitor) -> None:
    page = unescape(by_person(asker).text)
    assert facts_in(page) == FACTS
    shown = page.partition('class="results"')[2]
    assert "IŞIL DENEMECİ" in shown
    assert PROVIDER.title in shown
    assert "A-3" not in page
    assert "10*********" in shown
    assert ISIL.national_id not in shown.partition("</html>")[0]


def test_number_is_shown_in_full_on_demand_which_is_audited(asker: Visitor, desk: Desk) -> None:
    shown = by_person(asker, reveal="1").text.partition('class="results"')[2]
    assert ISIL.national_id in shown
    line = desk.database.read(lambda work: lines(work, LineFilter(actions=(Action.QUERY,))))[0]
    assert line.details == {"reveal": True, "asked": False}
    assert line.concerns_person


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (PROVIDER.title, "kişi bu sağlayıcıda kayıtlıdır"),
        ("ÖRNEK BİYOMEDİKAL", "yalnız kısmen örtüşüyor"),
        ("Başka Klinik Mühendislik A.Ş.", "kişi bu sağlayıcıda kayıtlı değildir"),
    ],
)
def test_answer_of_the_second_paragraph(asked: str, answer: str, asker: Visitor) -> None:
    page = unescape(by_person(asker, asked=asked).text)
    assert "esas alınan sağlayıcı" in page
    assert answer in page


def test_a_person_of_no_provider_and_nobody_at_all(asker: Visitor) -> None:
    assert "hiçbir teknik servis sağlayıcısında kayıtlı değil" in by_person(asker, AYSE.national_id).text
    assert "Kayıt bulunamadı" in by_person(asker, "10000000214").text


def test_by_name_and_by_provider(asker: Visitor) -> None:
    named = asker.post("/query", kind="person", name="ışıl denemeci").text
    assert facts_in(named) == FACTS
    of_provider = unescape(asker.post("/query", kind="provider", title="biyomedikal").text)
    assert facts_in(of_provider) == FACTS
    assert "IŞIL DENEMECİ" in of_provider
    assert ISIL.national_id not in named + of_provider


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"kind": "person"}, "T.C. kimlik numarasını ya da"),
        ({"kind": "person", "national_id": "10000000079"}, "kurallı değil"),
        ({"kind": "person", "national_id": ISIL.national_id, "name": "IŞIL DENEMECİ"}, "yalnız birini"),
        ({"kind": "person", "name": "IŞIL"}, "birlikte girin"),
        ({"kind": "person", "name": "IŞIL DENEMECİ", "asked": "X"}, "Yalnız T.C."),
        ({"kind": "provider", "title": " . "}, "en az bir sözcük"),
        ({"kind": "provider"}, "Bu alanı doldurun"),
        ({"kind": "everything"}, ""),
        ({}, ""),
    ],
)
def test_what_cannot_be_asked_is_told_and_not_counted(
    fields: dict[str, str], told: str, asker: Visitor, desk: Desk
) -> None:
    answer = asker.post("/query", **fields)
    assert answer.status_code == 422
    assert told in answer.text
    assert desk.database.read(lambda work: lines(work, LineFilter(actions=(Action.QUERY,)))) == ()


def test_nothing_is_asked_by_an_address(asker: Visitor) -> None:
    page = asker.get(f"/query?kind=person&national_id={ISIL.national_id}").text
    assert "IŞIL" not in page
    assert 'class="results"' not in page


def test_every_query_is_audited_with_its_words_sealed(asker: Visitor, desk: Desk) -> None:
    by_person(asker)
    asker.post("/query", kind="person", name="Işıl Denemeci")
    asker.post("/query", kind="provider", title="biyomedikal")
    noted = desk.database.read(lambda work: lines(work, LineFilter(actions=(Action.QUERY,))))
    assert [(line.object, line.reason, line.account) for line in reversed(noted)] == [
        ("registry:person", "", "provider.query"),
        ("registry:name", "Işıl Denemeci", "provider.query"),
        ("registry:provider", "biyomedikal", "provider.query"),
    ]
    about_isil = desk.database.read(lambda work: lines(work, LineFilter(person=ISIL.national_id)))
    assert [line.object for line in about_isil if line.action == "query"] == ["registry:person"]


def test_an_account_may_ask_only_so_often(
    asker: Visitor, visit: Visit, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_page, "QUERIES", 2)
    assert [by_person(asker).status_code for _ in range(3)] == [200, 200, 429]
    assert "sınırı doldu" in by_person(asker).text
    refused = desk.database.read(lambda work: lines(work, LineFilter(actions=(Action.REFUSED,))))
    assert refused[0].object == "registry:person"
    other = visit(Role.PROVIDER_QUERY, "hastane")
    other.get("/query")
    assert by_person(other).status_code == 200


def test_certificates_are_sent_as_uploaded(asker: Visitor, visit: Visit, desk: Desk) -> None:
    token = re.search(r'name="file" value="([^"]+)"', by_person(asker).text)
    assert token is not None
    sent = asker.post("/query/certificates", file=token[1])
    assert sent.status_code == 200
    assert b"kurs.pdf" in sent.content
    assert ISIL.national_id not in sent.headers["content-disposition"]
    noted = desk.database.read(lambda work: lines(work, LineFilter(actions=(Action.QUERY,))))
    assert noted[0].object.startswith("certificate:")
    other = visit(Role.PROVIDER_QUERY, "hastane")
    other.get("/query")
    assert other.post("/query/certificates", file=token[1]).status_code == 400


def test_certificates_in_which_malware_was_found_are_not_sent(asker: Visitor, desk: Desk) -> None:
    token = re.search(r'name="file" value="([^"]+)"', by_person(asker).text)
    assert token is not None
    fault = Fault(FaultCode.MALWARE_FOUND, {"reason": "upload", "signature": "Test"})
    with desk.database.engine.begin() as connection:
        for key, version, sha256 in connection.execute(
            select(UploadRow.position, UploadRow.version_key, UploadRow.sha256)
        ).all():
            upload = Upload("evidence.zip", sha256, 1, fault)
            sealed = desk.database.keys.seal_bytes(pack_upload(upload), "uploads.facts")
            here = (UploadRow.version_key == version, UploadRow.position == key)
            connection.execute(update(UploadRow).where(*here).values(facts=sealed))
    assert asker.post("/query/certificates", file=token[1]).status_code == 403


@pytest.mark.parametrize("token", ["", "abc", "şş", "A" * 100, "A" * 600])
def test_a_token_that_nobody_gave_out_opens_nothing(token: str, asker: Visitor) -> None:
    assert asker.post("/query/certificates", file=token).status_code == 400


def test_a_file_that_is_no_longer_in_the_record_is_not_sent(asker: Visitor, desk: Desk) -> None:
    assert asker.account is not None
    text = f"{asker.account.id} {ISIL.national_id} {'0' * 64}"
    token = base64.urlsafe_b64encode(desk.database.keys.seal(text, "desk.certificate")).decode()
    assert asker.post("/query/certificates", file=token).status_code == 404


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.OPERATOR, Role.AUDITOR])
def test_others_have_no_query_page(role: Role, visit: Visit) -> None:
    visitor = visit(role)
    assert visitor.get("/query").status_code == 403
    assert visitor.post("/query", kind="person", national_id=ISIL.national_id).status_code == 403


def test_a_health_service_provider_sees_nothing_else(asker: Visitor) -> None:
    assert asker.get("/").headers["location"] == "/query"
    for path in ("/queue", "/statistics", "/audit", "/accounts", "/cases/A-1", "/cases/A-1/dossier.zip"):
        assert asker.get(path).status_code == 403
    links = set(re.findall(r'href="(/[^"?]*)"', asker.get("/query").text))
    assert {link for link in links if not link.startswith("/static")} == {"/", "/query", "/account"}
