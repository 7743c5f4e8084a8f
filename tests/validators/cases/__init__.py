"""The acceptance matrix: one row a case, good papers with one thing changed, and what must come of it."""

from tests.validators.cases.accepted import ACCEPTED
from tests.validators.cases.applications import FLAGGED_APPLICATIONS, FLAGGED_OFFICIALS, FLAGGED_PEOPLE
from tests.validators.cases.declarations import FLAGGED_DECLARATIONS
from tests.validators.cases.papers import FLAGGED_PAPERS
from tests.validators.cases.row import Row
from tests.validators.cases.statements import FLAGGED_STATEMENTS

__all__ = ["ROWS", "Row"]

ROWS: tuple[Row, ...] = (
    *ACCEPTED,
    *FLAGGED_PAPERS,
    *FLAGGED_PEOPLE,
    *FLAGGED_STATEMENTS,
    *FLAGGED_DECLARATIONS,
    *FLAGGED_OFFICIALS,
    *FLAGGED_APPLICATIONS,
)
