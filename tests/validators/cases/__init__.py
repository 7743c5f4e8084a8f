"""The acceptance matrix: one row a case, good papers with one thing changed, and what must come of it."""

from tests.validators.cases.accepted import ACCEPTED
from tests.validators.cases.applications import FLAGGED_APPLICATIONS, FLAGGED_OFFICIALS, FLAGGED_PEOPLE
from tests.validators.cases.declarations import FLAGGED_DECLARATIONS
from tests.validators.cases.identifiers import NOTED_IDENTIFIERS
from tests.validators.cases.issuer import ISSUER
from tests.validators.cases.officials import OFFICIALS
from tests.validators.cases.papers import FLAGGED_PAPERS
from tests.validators.cases.policies import NOTED_POLICIES
from tests.validators.cases.procedures import PROCEDURES
from tests.validators.cases.row import Row
from tests.validators.cases.statements import FLAGGED_STATEMENTS
from tests.validators.cases.traces import TRACED

__all__ = ["ROWS", "Row"]

ROWS: tuple[Row, ...] = (
    *ACCEPTED,
    *FLAGGED_PAPERS,
    *TRACED,
    *FLAGGED_PEOPLE,
    *FLAGGED_STATEMENTS,
    *FLAGGED_DECLARATIONS,
    *FLAGGED_OFFICIALS,
    *OFFICIALS,
    *FLAGGED_APPLICATIONS,
    *PROCEDURES,
    *ISSUER,
    *NOTED_IDENTIFIERS,
    *NOTED_POLICIES,
)
