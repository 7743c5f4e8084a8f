"""Official documents (E3, Kılavuz m.6(3)(e)): which form, which companies, which people with which roles."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors import ocr
from extractors.document import read_document
from extractors.facts import Box, Document, Kind, TextSource
from extractors.layout import load_layouts
from extractors.official_forms import FORM_NAMES, load_forms
from extractors.official_people import NamedPerson, find_people, number_in
from extractors.official_text import Passage, Token
from extractors.reader import PdfReader
from tests.papers import official, scans, variants, with_fpdf, with_reportlab
from tests.papers.official import Engine, Official, Scene
from tests.papers.sheet import Sheet
from tests.papers.style import Style, any_style

needs_ocr = pytest.mark.skipif(
    not ocr.available(), reason="Tesseract with Turkish data is not on this machine"
)
engines = pytest.mark.parametrize("engine", official.ENGINES)
SEEDS = (1, 12)
OWNERS = ("craftsmen_registry", "tax_certificate")
PAGE = Box(0, 0, 595, 842)


def read(paper: Callable[[Sheet, Scene], None], seed: int, engine: Engine = "reportlab") -> Document:
    (document,) = read_document(
        official.draw(paper, official.scene(seed), any_style(seed), engine), "belge.pdf"
    )
    return document


def values(document: Document) -> dict[str, object]:
    return {name: field.value for name, field in document.fields.items()}


def people(text: str) -> tuple[NamedPerson, ...]:
    """The people of a running text; `|` ends a row."""
    words = text.replace("|", "| ").split()
    tokens = (Token(word.rstrip("|"), 1, PAGE, False, word.endswith("|")) for word in words)
    return find_people(Passage(tuple(token for token in tokens if token.key)))


@engines
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("form", official.FORMS)
def test_every_form_is_known_and_read(form: str, seed: int, engine: Engine) -> None:
    """Kılavuz m.6(3)(e): "ticaret sicil gazetesi vb resmi niteliğe haiz belgeler"."""
    document, scene = read(official.FORMS[form], seed, engine), official.scene(seed)
    found = values(document)
    company = "company_2" if form == "gazette" else "company_1"
    first = scene.people[0]
    assert document.kind is Kind.TRADE_REGISTRY_GAZETTE
    assert (found["form"], found["issued_on"]) == (form, "2026-06-21")
    assert found[f"{company}.person_1.name"] == first.person.full_name
    if form in OWNERS:
        assert found[f"{company}.person_1.national_id"] == first.person.national_id
        assert found[f"{company}.person_1.role"] == {"roles": "owner", "authority": ""}
    else:
        assert found[f"{company}.title"] == scene.company.title
        assert found[f"{company}.mersis_number"] == scene.company.mersis_number
        role = found[f"{company}.person_1.role"]
        assert isinstance(role, dict)
        assert "manager" in role["roles"].split()
        assert role["authority"] == "single"


@engines
@pytest.mark.parametrize("seed", SEEDS)
def test_a_person_counts_for_the_company_of_the_same_announcement(seed: int, engine: Engine) -> None:
    """A page of the gazette holds the announcements of several companies (documents.md, section G)."""
    found, scene = values(read(official.gazette, seed, engine)), official.scene(seed)

    def named(company: Scene | str) -> set[object]:
        return {v for k, v in found.items() if k.startswith(f"{company}.person_") and k.endswith(".name")}

    assert named("company_1") == {who.person.full_name for who in scene.others}
    assert named("company_2") == {who.person.full_name for who in scene.people}
    assert found["company_1.mersis_number"] == scene.other.mersis_number
    assert found["company_2.registry_number"] == "123456-5"
    assert found["issue_number"] == "11106"


@engines
def test_an_older_announcement_is_read_without_a_mersis_number(engine: Engine) -> None:
    found, scene = values(read(official.older_gazette, 2, engine)), official.scene(2)
    first, second = scene.people
    assert found["company_1.title"] == scene.company.title
    assert "company_1.mersis_number" not in found
    assert found["company_1.person_1.name"] == first.person.full_name
    assert found["company_1.person_1.national_id"] == first.masked
    assert found["company_1.person_2.national_id"] == second.masked
    assert found["company_1.person_2.role"] == {"roles": "partner", "authority": ""}


def test_a_certificate_keeps_partners_and_signers_apart() -> None:
    found = values(read(official.trade_registry_certificate, 1))
    assert found["company_1.person_1.role"] == {
        "roles": "partner manager representative",
        "authority": "single",
    }
    assert found["company_1.person_2.role"] == {"roles": "partner", "authority": ""}
    assert found["company_1.tax_number"] == official.scene(1).company.tax_number


def test_boxes_show_where_a_name_stands() -> None:
    data = official.draw(official.gazette, official.scene(1), Style(), "reportlab")
    (document,) = read_document(data, "gazete.pdf")
    field = document.fields["company_2.person_2.name"]
    with PdfReader(data) as reader:
        words = reader.page_text(1).words
    inside = [
        w.text.strip(";,") for w in words if field.box.y0 <= w.middle <= field.box.y1 and field.box.x0 <= w.x0
    ]
    assert set(field.raw.split()) <= set(inside)
    assert field.box.x1 - field.box.x0 < 200


@engines
@pytest.mark.parametrize("paper", official.UNOFFICIAL, ids=lambda paper: paper.__name__)
def test_unofficial_papers_are_no_official_documents(
    paper: Callable[[Sheet, Scene], None], engine: Engine
) -> None:
    """Private contracts, letterheads and own specimens of signatures have no official character (A-7)."""
    document = read(paper, 3, engine)
    assert document.kind is Kind.UNKNOWN
    assert "form" not in document.fields
    assert document.recognition.missing


@pytest.mark.parametrize(
    "name", ["open job", "two employers", "declaration", "older edition", "exit", "record", "letter"]
)
def test_other_papers_are_no_official_documents(name: str) -> None:
    for draw in (with_reportlab.draw, with_fpdf.draw):
        for document in read_document(draw(variants.ALL[name](5), any_style(5)), "x.pdf"):
            assert document.kind is not Kind.TRADE_REGISTRY_GAZETTE
            assert "form" not in document.fields


@needs_ocr
@pytest.mark.parametrize("form", ["gazette", "signature_circular"])
def test_scans_are_read_the_same_way(form: str) -> None:
    """Many pages of the gazette are pictures (documents.md, section G)."""
    scene = official.scene(1)
    born = official.draw(official.FORMS[form], scene, Style(), "reportlab")
    (document,) = read_document(scans.image_only(born, 300), "tarama.pdf")
    found = values(document)
    company = "company_2" if form == "gazette" else "company_1"
    assert (document.kind, document.text) == (Kind.TRADE_REGISTRY_GAZETTE, TextSource.OCR)
    assert found["form"] == form
    assert found[f"{company}.mersis_number"] == scene.company.mersis_number
    assert found[f"{company}.person_1.name"] == scene.people[0].person.full_name
    assert all(field.method == "ocr" for field in document.fields.values())


def test_the_forms_are_those_of_the_contract() -> None:
    assert {form.form for form in load_forms()} == set(FORM_NAMES) == set(official.FORMS)
    kinds = [layout.kind for layout in load_layouts()]
    assert len(kinds) == len(set(kinds))
    for form in load_forms():
        assert form.recognise.minimum <= len(form.recognise.anchors)


@pytest.mark.parametrize(
    ("text", "name", "roles", "authority"),
    [
        ("AYŞE ÖRNEK şirket müdürü olarak seçilmiştir.", "AYŞE ÖRNEK", ("manager",), ()),
        (
            "Tek ortak AYŞE ÖRNEK şirketi münferiden temsil ve ilzam eder.",
            "AYŞE ÖRNEK",
            ("sole_partner", "partner", "representative"),
            ("single",),
        ),
        (
            "Yönetim Kurulu Üyesi AYŞE ÖRNEK müştereken yetkilidir.",
            "AYŞE ÖRNEK",
            ("board_member",),
            ("joint",),
        ),
        ("Ortaklar: | AYŞE ÖRNEK 12345678950 |", "AYŞE ÖRNEK", ("partner",), ()),
        (
            "AYŞE ÖRNEK (Müdür) atanmıştır. Münferiden temsile yetkilidir.",
            "AYŞE ÖRNEK",
            ("manager", "representative"),
            ("single",),
        ),
        (
            "Ortak AYŞE ÖRNEK'in müdürlük görevi sona ermiştir.",
            "AYŞE ÖRNEK",
            ("partner", "manager", "leaving"),
            (),
        ),
        (
            "Adı Soyadı: AYŞE ÖRNEK | Görevi: Şirket Müdürü | Yetki Şekli: Münferiden |",
            "AYŞE ÖRNEK",
            ("manager",),
            ("single",),
        ),
    ],
)
def test_roles_near_a_name(text: str, name: str, roles: tuple[str, ...], authority: tuple[str, ...]) -> None:
    (found,) = people(text)
    assert (found.printed, found.roles, found.authority) == (name, roles, authority)


def test_each_of_two_people_has_the_role_beside_the_name() -> None:
    first, second = people("AYŞE ÖRNEK şirket müdürü, CAN DENEMECİ yönetim kurulu üyesi olarak görev yapar.")
    assert (first.printed, first.roles) == ("AYŞE ÖRNEK", ("manager",))
    assert (second.printed, second.roles) == ("CAN DENEMECİ", ("board_member",))


def test_a_role_of_a_list_is_that_of_everybody_in_it() -> None:
    found = people("Müdürler: AYŞE ÖRNEK, CAN DENEMECİ ve IŞIL NUMUNE.")
    assert [who.roles for who in found] == [("manager",)] * 3


@pytest.mark.parametrize(
    "text",
    [
        "ÖRNEK BİYOMEDİKAL SANAYİ VE TİCARET LİMİTED ŞİRKETİ müdürü",
        "ANKARA TİCARET SİCİLİ MÜDÜRLÜĞÜ ortak",
        "KÜÇÜK ÇEKMECE adresinde ikamet eden ortak",
        "YÖNETİM KURULU KARARI ortak",
        "12345678950",
        "",
    ],
)
def test_titles_places_and_offices_are_nobody(text: str) -> None:
    assert people(text) == ()


def test_a_number_before_the_names_belongs_to_the_next_one() -> None:
    found = people("123******50 Kimlik No'lu AYŞE ÖRNEK ve 456******78 Kimlik No'lu CAN DENEMECİ ortaktır")
    assert [(who.printed, who.number[0].text) for who in found] == [
        ("AYŞE ÖRNEK", "123******50"),
        ("CAN DENEMECİ", "456******78"),
    ]


@settings(max_examples=60)
@given(st.integers(2, 5), st.integers(0, 4), st.sampled_from(["{}", "({})", "{},", "({});"]))
def test_numbers_with_stars_are_seen_whatever_stands_around(shown: int, end: int, around: str) -> None:
    printed = "1" * shown + "*" * (11 - shown - end) + "2" * end
    assert number_in(around.format(printed)) == printed


@settings(max_examples=60)
@given(st.text(alphabet="0123456789*.,()", max_size=20))
def test_no_text_of_digits_and_marks_breaks_the_reader(text: str) -> None:
    found = number_in(text)
    assert found is None or found in text


def test_an_announcement_whose_beginning_is_lost_does_not_pass_its_people_on() -> None:
    """Where a second MERSİS number stands, another announcement has begun."""

    def torn(sheet: Sheet, scene: Scene) -> None:
        official.gazette_page(
            sheet,
            (
                *official.announcement(scene.company, scene.people, "123456")[:-1],
                *official.announcement(scene.other, scene.others, "234567")[2:],
            ),
        )

    found, scene = values(read(torn, 6)), official.scene(6)
    stranger = scene.others[0].person.full_name
    holders = {name.split(".")[0] for name, value in found.items() if value == stranger}
    ours = next(name.split(".")[0] for name, value in found.items() if value == scene.company.mersis_number)
    assert holders
    assert ours not in holders


def test_an_official_prints_the_number_with_stars() -> None:
    who = Official(official.scene(0).people[0].person)
    assert who.masked.count("*") == 6
    assert len(who.masked) == 11
