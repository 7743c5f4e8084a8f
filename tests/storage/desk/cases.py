"""A desk with its officers, and flagged applications on it."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, select

from extractors.facts import Document, Field
from storage.columns import Base
from storage.database import Database
from storage.desk.accounts import Account, Role, create_account
from storage.desk.claims import Claim, claim_case
from storage.desk.queue import CaseLine, Filter, case_line, cases
from storage.desk.rulings import Ask, Entered, Refused, rule, second
from storage.findings import current_row
from storage.models import CaseState, Employment, KeyMark, Person, Provider, ProviderWorkplace
from tests.storage.fixtures import unguarded
from tests.storage.samples import AYSE, BOX, POLICY, Inbox, application, register, statement
from validators.application import Person as Declared
from validators.policy_series import Policies

TODAY = Filter()
ANY_STATE = Filter(states=tuple(CaseState))


def policies(_name: str) -> Policies:
    return POLICY


@dataclass
class Desk:
    """An inbox whose flagged applications two reviewers and two supervisors work on."""

    inbox: Inbox
    reviewer: Account
    colleague: Account
    supervisor: Account
    superior: Account

    @classmethod
    def at(cls, inbox: Inbox) -> "Desk":
        roles = {
            "ayla": Role.REVIEWER,
            "bora": Role.REVIEWER,
            "canan": Role.SUPERVISOR,
            "derya": Role.SUPERVISOR,
        }
        officers = [create_account(inbox.database, name, name.title(), role) for name, role in roles.items()]
        return cls(inbox, *officers)

    @property
    def database(self) -> Database:
        return self.inbox.database

    def judgement(self, name: str) -> int:
        """The key of the judgement that counts."""
        with self.database.reading() as work:
            found = current_row(work, name)
        assert found is not None
        return found[0].id

    def claim(self, name: str, account: Account | None = None) -> None:
        assert isinstance(claim_case(self.database, name, account or self.reviewer), Claim)

    def rule(self, name: str, ask: Ask, account: Account | None = None) -> Entered | Refused:
        """Claim a case and rule on it as it is judged now."""
        who = account or self.reviewer
        self.claim(name, who)
        return rule(self.database, name, self.judgement(name), who.actor("10.0.0.7"), ask, policies)

    def enter(self, name: str, ask: Ask, account: Account | None = None) -> Entered:
        """Rule, which must succeed."""
        entered = self.rule(name, ask, account)
        assert isinstance(entered, Entered), entered
        return entered

    def second(self, ruling: int, account: Account | None = None, *, agree: bool = True) -> Entered | Refused:
        who = (account or self.supervisor).actor("10.0.0.8")
        return second(self.database, ruling, who, policies, agree=agree, reason="Gördüm.")

    def line(self, name: str) -> CaseLine | None:
        with self.database.reading() as work:
            return case_line(work, name)

    def state(self, name: str) -> CaseState | None:
        line = self.line(name)
        return line.state if line is not None else None

    def queue(self, wanted: Filter = TODAY, **more: Any) -> list[str]:
        with self.database.reading() as work:
            return [line.application_id for line in cases(work, wanted, **more).lines]


def named_otherwise(
    person: Declared = AYSE, barcode: str = "hd12-3456-7890-abcd", **changes: Any
) -> Document:
    """A statement on which the family name was misread: PERSON_NAME_DIFFERS, for review."""
    paper = statement(person, barcode, **changes)
    return replace(paper, fields={**paper.fields, "family_name": Field("BAŞKA", "BAŞKA", 1, BOX)})


def put_for_review(inbox: Inbox, name: str = "A-1", person: Declared = AYSE, **changes: Any) -> str:
    """An application that is flagged for review and nothing else."""
    register(inbox, person)
    inbox.put(application(name, people=[person], **changes), named_otherwise(person, f"hd00-0000-{name}"))
    inbox.run()
    return name


def put_blocked(inbox: Inbox, name: str = "A-1", person: Declared = AYSE, **changes: Any) -> str:
    """An application that is flagged by a block: the employment has ended."""
    register(inbox, person)
    paper = statement(person, f"hd00-0000-{name}", exit_date="2026-10-15")
    inbox.put(application(name, people=[person], **changes), paper)
    inbox.run()
    return name


def registry(database: Database) -> dict[str, list[str]]:
    """Everything that the registry holds, opened, but for keys and the moments of writing."""
    hidden = {"id", "created_at"}
    with database.reading() as work:
        return {
            table.__tablename__: sorted(
                repr(
                    [
                        _opened(work.keys, table.__tablename__, column.name, getattr(row, column.key))
                        for column in table.__table__.columns
                        if column.name not in hidden and not column.foreign_keys
                    ]
                )
                for row in work.session.scalars(select(table))
            )
            for table in (Person, Provider, ProviderWorkplace, Employment)
        }


def _opened(keys: Any, table: str, column: str, value: Any) -> Any:
    if not isinstance(value, bytes) or column.endswith("_index"):
        return value
    return keys.unseal(value, f"{table}.{column}")


def empty(database: Database) -> None:
    """Take everything out again."""
    with database.engine.begin() as connection, unguarded(connection):
        for table in reversed(Base.metadata.sorted_tables):
            if table.name != KeyMark.__tablename__:
                connection.execute(delete(table))
