"""The arrangements of papers on a `Sheet`: where each text stands, whichever engine draws it."""

from tests.papers.forms import (
    declaration,
    declaration_older,
    declaration_open,
    others,
    statement,
    statement_open,
)
from tests.papers.model import (
    DeclarationForm,
    EntryDeclaration,
    ExitDeclaration,
    GazettePage,
    Letter,
    Paper,
    ServiceStatement,
    SocialSecurityRecord,
)
from tests.papers.sheet import Sheet
from tests.papers.style import Form


def draw_on(sheet: Sheet, paper: Paper, form: Form) -> None:
    """Draw any paper in that arrangement."""
    ruled = form is Form.RULED
    match paper:
        case ServiceStatement():
            (statement if ruled else statement_open).draw(sheet, paper)
        case EntryDeclaration(form=DeclarationForm.OLDER):
            declaration_older.draw(sheet, paper)
        case EntryDeclaration() | ExitDeclaration():
            (declaration if ruled else declaration_open).draw(sheet, paper)
        case SocialSecurityRecord():
            others.draw_record(sheet, paper)
        case GazettePage():
            others.draw_gazette(sheet, paper)
        case Letter():
            others.draw_letter(sheet, paper)
