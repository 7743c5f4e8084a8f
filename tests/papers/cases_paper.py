"""Cases that are flagged for the paper itself: its code, its barcode, its kind, its state."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

from tests.papers import archives, builders, identities, scans, with_reportlab
from tests.papers.applications import FLAGGED, ExpectedDocument
from tests.papers.cases_person import flagged
from tests.papers.desk import ADDITION, Case, Cases, Desk, Outcome
from tests.papers.identities import Company, Person
from tests.papers.model import Footer, Letter, Paper, Qr, ServiceStatement, payload
from tests.papers.style import any_style


def _somewhere(code: str) -> Outcome:
    """Return the outcome of a flagged case whose code may stand with the paper, a person or the application."""
    return Outcome(FLAGGED, application=(code,))


def _with_footer(desk: Desk, code: str, change: Callable[[ServiceStatement], Footer]) -> Cases:
    who, firm = desk.person(), desk.company()
    paper = desk.open_statement(who, firm)
    return desk.finish([who], firm, [replace(paper, footer=change(paper))], _somewhere(code))


def qr_missing(desk: Desk) -> Cases:
    """The barcode is printed, but there is no QR code."""
    return _with_footer(desk, "QR_MISSING", lambda paper: replace(paper.footer, payloads=()))


def qr_foreign(desk: Desk, shape: Qr) -> Cases:
    """The only QR code is of another system."""
    codes = (payload(shape, "", ""),)
    return _with_footer(desk, "QR_FOREIGN", lambda paper: replace(paper.footer, payloads=codes))


def qr_barcode_mismatch(desk: Desk) -> Cases:
    """The printed barcode is another than that of the QR code."""
    other = identities.barcode(desk.rng)
    return _with_footer(desk, "QR_BARCODE_MISMATCH", lambda paper: replace(paper.footer, barcode=other))


def qr_person_mismatch(desk: Desk) -> Cases:
    """The QR code carries somebody else's T.C. number."""

    def others(paper: ServiceStatement) -> Footer:
        return builders.footer(desk.rng, desk.person())

    return _with_footer(desk, "QR_PERSON_MISMATCH", others)


def paper_shared(desk: Desk) -> Cases:
    """Two people's papers carry the same barcode."""
    firm = desk.company()
    who, other = identities.people(desk.rng, 2)
    first, second = desk.open_statement(who, firm), desk.open_statement(other, firm)
    code = first.footer.barcode
    foot = Footer(code, (payload(Qr.CLOSED, code, other.national_id),))
    papers = [first, replace(second, footer=foot)]
    return desk.finish([who, other], firm, papers, flagged("DOCUMENT_REUSED"))


def paper_reused(desk: Desk) -> Cases:
    """The same file comes again in a later application: the earlier one stands, the later is flagged."""
    who, firm = desk.person(), desk.company()
    desk.submitted -= timedelta(days=2)
    papers = [desk.open_statement(who, firm)]
    upload = archives.plain(desk.files(papers))
    sound = Outcome(route="service_statement")
    earlier = desk.finish([who], firm, papers, sound, upload=upload)
    desk.submitted += timedelta(days=1)
    desk.application_id += "-B"
    outcome = flagged("DOCUMENT_REUSED")
    (later,) = desk.finish([who], firm, papers, outcome, upload=upload, procedure=ADDITION)
    return (*earlier, replace(later, known=()))


def _refused(desk: Desk, paper: Callable[[Person, Company], Paper], code: str) -> Cases:
    who, firm = desk.person(), desk.company()
    return desk.finish([who], firm, [paper(who, firm)], _somewhere(code))


def exit_declaration(desk: Desk) -> Cases:
    """An exit declaration instead of the entry declaration."""

    def paper(who: Person, firm: Company) -> Paper:
        return builders.exit_declaration(desk.rng, who, firm, desk.days_ago(10))

    return _refused(desk, paper, "DOCUMENT_KIND_REFUSED")


def social_security_record(desk: Desk) -> Cases:
    """A Sosyal Güvenlik Kayıt Belgesi instead of the statement."""

    def paper(who: Person, _: Company) -> Paper:
        return builders.social_security_record(desk.rng, who, desk.days_ago(3000), desk.issued())

    return _refused(desk, paper, "DOCUMENT_KIND_REFUSED")


def kind_unknown(desk: Desk) -> Cases:
    """A barcoded paper of another kind."""
    who, firm = desk.person(), desk.company()
    text = (
        f"T.C. Kimlik No : {who.national_id}",
        f"Adı Soyadı : {who.full_name}",
        "Yukarıda kimlik bilgileri yazılı kişi kurumumuzda kayıtlı öğrencidir.",
    )
    paper = Letter("ÖĞRENCİ BELGESİ", text, builders.footer(desk.rng, who, family="YOKOG"))
    outcome = _somewhere("DOCUMENT_KIND_UNKNOWN")
    return desk.finish([who], firm, [paper], outcome)


def _spoilt(
    desk: Desk, name: str, spoil: Callable[[bytes], bytes], code: str, kind: str | None = None
) -> Cases:
    who, firm = desk.person(), desk.company()
    paper = desk.open_statement(who, firm)
    upload = archives.plain({name: spoil(desk.draw(paper))})
    outcome = _somewhere(code)
    (case,) = desk.finish([who], firm, [paper], outcome, upload=upload)
    documents = (ExpectedDocument(name, kind),) if kind else ()
    return (replace(case, expected=replace(case.expected, documents=documents)),)


def scan(desk: Desk) -> Cases:
    """The paper was printed and scanned into a PDF."""
    return _spoilt(desk, "tarama.pdf", partial(scans.image_only, dpi=110), "DOCUMENT_NOT_ORIGINAL")


def photograph(desk: Desk) -> Cases:
    """The paper's last page as a JPEG file."""
    return _spoilt(desk, "IMG_0001.jpg", partial(scans.as_image, dpi=110), "DOCUMENT_NOT_ORIGINAL")


def truncated(desk: Desk) -> Cases:
    """The PDF was cut off."""
    return _spoilt(desk, "belge.pdf", scans.truncated, "DOCUMENT_UNREADABLE")


def password(desk: Desk) -> Cases:
    """The PDF needs a password."""
    who, firm = desk.person(), desk.company()
    paper = desk.open_statement(who, firm)
    locked = with_reportlab.draw_protected(paper, any_style(7), user="1234")
    outcome = _somewhere("DOCUMENT_ENCRYPTED")
    (case,) = desk.finish([who], firm, [paper], outcome, upload=archives.plain({"belge.pdf": locked}))
    return (Case(case.application, replace(case.expected, documents=()), case.known),)


CASES: Mapping[str, Callable[[Desk], Cases]] = {
    "qr_missing": qr_missing,
    "qr_barcode_mismatch": qr_barcode_mismatch,
    "qr_person_mismatch": qr_person_mismatch,
    "qr_foreign": partial(qr_foreign, shape=Qr.FOREIGN_ADDRESS),
    "qr_invoice": partial(qr_foreign, shape=Qr.FOREIGN_INVOICE),
    "exit_declaration": exit_declaration,
    "social_security_record": social_security_record,
    "kind_unknown": kind_unknown,
    "paper_shared": paper_shared,
    "paper_reused": paper_reused,
    "scan": scan,
    "photograph": photograph,
    "truncated": truncated,
    "password": password,
}
