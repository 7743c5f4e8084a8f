"""An officer's ruling at the desk, entered as the desk enters it."""

from contextlib import closing
from pathlib import Path

from storage.database import open_database
from storage.desk.accounts import Role, account_by_name, create_account
from storage.desk.claims import claim_case
from storage.desk.queue import case_line
from storage.desk.rulings import Ask, Entered, rule
from storage.settings import load_settings
from validators.policy_series import find_policies


def rule_at_desk(home: Path, application_id: str, ask: Ask) -> Entered:
    """Let a reviewer rule on an application in the registry of a home."""
    with closing(open_database(load_settings(home=home))) as database:
        known = database.read(lambda work: account_by_name(work, "ayla"))
        officer = known or create_account(database, "ayla", "Ayla Tekin", Role.REVIEWER)
        claim_case(database, application_id, officer)
        line = database.read(lambda work: case_line(work, application_id))
        assert line is not None
        entered = rule(
            database, application_id, line.judgement, officer.actor("192.0.2.1"), ask, find_policies
        )
    assert isinstance(entered, Entered)
    return entered
