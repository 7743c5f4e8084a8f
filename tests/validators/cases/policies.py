"""Applications of a day on which the policy was not in force: noted, no reason to flag (Kılavuz m.9(1), m.10(1))."""

from datetime import date

from tests.validators import factory as f
from tests.validators.cases.row import GOOD, Row, verified

NOTED_POLICIES: tuple[Row, ...] = (
    verified(
        "policy that begins after the application",
        f.case(GOOD, policy=f.POLICY.model_copy(update={"valid_from": date(2026, 11, 21)})),
    ),
    verified(
        "policy that ended before the application",
        f.case(GOOD, policy=f.POLICY.model_copy(update={"valid_to": date(2026, 11, 19)})),
    ),
)
