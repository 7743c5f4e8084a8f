"""Cases in which the issuer of a paper was asked about it, or should have been."""

from dataclasses import replace

from extractors.facts import Document
from tests.validators import factory as f
from tests.validators.cases.row import BY_HAND, GOOD, RETURN, flagged, verified
from validators.case import Case, RegistryFacts
from validators.issuer import UNREACHABLE, Compared, IssuerAnswer, IssuerStatus
from validators.policy import Policy

REQUIRED = f.policy(issuer_check_required=True)


def answered(
    status: IssuerStatus,
    compared: Compared = Compared.WORD,
    *differences: str,
    policy: Policy = f.POLICY,
    paper: Document = GOOD,
) -> Case:
    """A case on one statement about which the issuer gave this answer."""
    answer = IssuerAnswer(status, compared, differences)
    return f.case(paper, registry=RegistryFacts(issuer={paper.key: answer}), policy=policy)


ISSUER = (
    verified("issuer has the same bytes", answered(IssuerStatus.IDENTICAL, Compared.BYTES, policy=REQUIRED)),
    verified(
        "issuer's paper says the same", answered(IssuerStatus.IDENTICAL, Compared.FIELDS, policy=REQUIRED)
    ),
    verified("issuer says it is the same", answered(IssuerStatus.IDENTICAL, policy=REQUIRED)),
    verified(
        "issuer could not be reached, which is noted",
        f.case(GOOD, registry=RegistryFacts(issuer={GOOD.key: UNREACHABLE})),
    ),
    flagged("issuer does not know the paper", answered(IssuerStatus.UNKNOWN), "EDEVLET_UNKNOWN", BY_HAND),
    flagged(
        "issuer's paper shows other rows",
        answered(IssuerStatus.DIFFERENT, Compared.FIELDS, "family_name", "records"),
        "EDEVLET_MISMATCH",
        BY_HAND,
    ),
    flagged("issuer says it differs", answered(IssuerStatus.DIFFERENT), "EDEVLET_MISMATCH", BY_HAND),
    flagged(
        "issuer's paper could not be compared for certain",
        answered(IssuerStatus.UNCOMPARED, Compared.FIELDS, "start_date"),
        "EDEVLET_MISMATCH",
        BY_HAND,
    ),
    flagged(
        "issuer's paper could not be read", answered(IssuerStatus.UNCOMPARED), "EDEVLET_MISMATCH", BY_HAND
    ),
    flagged(
        "nobody asked the issuer, whose answer the policy requires",
        f.case(GOOD, policy=REQUIRED),
        "EDEVLET_NOT_CHECKED",
        BY_HAND,
    ),
    flagged(
        "issuer could not be reached, whose answer the policy requires",
        f.case(GOOD, policy=REQUIRED, registry=RegistryFacts(issuer={GOOD.key: UNREACHABLE})),
        "EDEVLET_NOT_CHECKED",
        BY_HAND,
    ),
    flagged(
        "no barcode to ask the issuer about",
        f.case(replace(f.with_codes(GOOD), barcodes=()), policy=REQUIRED),
        "EDEVLET_NOT_CHECKED QR_MISSING",
        RETURN,
    ),
)
