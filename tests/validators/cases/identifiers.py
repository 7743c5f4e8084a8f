"""Numbers of a provider that do not hold together: noted, never a reason to flag."""

from tests.validators import factory as f
from tests.validators.cases.row import Row, verified

NOTED_IDENTIFIERS: tuple[Row, ...] = (
    verified(
        "workplace number with wrong control digits",
        f.case(
            f.statement(), about=f.application(provider={"workplace_numbers": ["23313010110433770010923000"]})
        ),
    ),
    verified(
        "tax number with a wrong check digit",
        f.case(f.statement(), about=f.application(provider={"tax_number": "1234567891"})),
    ),
    verified(
        "MERSİS number without a tax number inside",
        f.case(f.statement(), about=f.application(provider={"mersis_number": "0123456789100014"})),
    ),
    verified(
        "MERSİS number of another company",
        f.case(f.statement(), about=f.application(provider={"tax_number": "0123456789"})),
    ),
)
