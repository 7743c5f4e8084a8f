"""The question whether a person works at another provider too.

The guide does not forbid it, and part-time work for two employers is lawful; but m.8(1)(d) and m.8(2) speak of *the*
provider under which a person is recorded. So the answer is a note, never a refusal. Often it means that the earlier
provider has not removed somebody who left (m.7(1)(g)-(ı)).
"""

from collections.abc import Iterator

from validators.finding import Code, Finding
from validators.subjects import Claim


def works_at_one_provider(claim: Claim) -> Iterator[Finding]:
    """Ask whether other providers employ the person (m.8(1)(d), m.8(2)); not without the registry."""
    if claim.elsewhere is None:
        return
    if claim.elsewhere:
        providers = "; ".join(claim.elsewhere)
        yield claim.ask.failed(Code.ALSO_REGISTERED_ELSEWHERE, providers=providers)
    else:
        yield claim.ask.passed(Code.ALSO_REGISTERED_ELSEWHERE)
