"""The question to the policy itself, whether it was in force on the day of the application."""

from collections.abc import Iterator

from validators.finding import Code, Finding
from validators.subjects import Dossier


def policy_is_in_force(dossier: Dossier) -> Iterator[Finding]:
    """Tell where an application is judged under a policy that was not in force on its reference day.

    That is so before the earliest policy and after an end that no other follows (Kılavuz m.9(1), m.10(1)), and where a
    policy was asked for by name. In all other cases there is nothing to say.
    """
    policy, day = dossier.case.policy, dossier.application.reference_day
    if not policy.in_force(day):
        yield dossier.ask.failed(
            Code.POLICY_NOT_IN_FORCE,
            policy=policy.name,
            from_day=policy.valid_from.isoformat(),
            to_day=policy.valid_to.isoformat() if policy.valid_to else None,
            reference_day=day.isoformat(),
        )
