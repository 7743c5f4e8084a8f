"""Looks at the registry from the command line stand in the audit trail, and in the access log of whom they show."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from flows.errors import Exit
from review.texts import Language, catalogue
from storage.database import Database, UnitOfWork, open_database
from storage.desk.audit import COMMAND_LINE, Action, Line, lines, verify
from storage.settings import load_settings
from storage.subject.access import Tie, accesses
from tests.flows.helpers import Printed, asked, command
from tests.flows.test_registry import with_certificate
from tests.storage.samples import Crash, crash_before

ID = "TS-2026-000001"
STRANGER = "22222222220"


def trail(home: Path) -> tuple[Line, ...]:
    """The lines of the trail, the oldest first."""
    with closing(open_database(load_settings(home=home))) as database, database.reading() as work:
        assert verify(work) == []
        return lines(work)[::-1]


def told_of(home: Path, person: str) -> list[tuple[str, Tie]]:
    """What the access log tells of a person, the oldest first."""

    def found(work: UnitOfWork) -> list[tuple[str, Tie]]:
        of_person = accesses(work, person=person, applications=(ID,))
        return [(access.line.object, access.tie) for access in of_person[::-1]]

    with closing(open_database(load_settings(home=home))) as database:
        return database.read(found)


class Asking:
    """Runs `kanit registry` with what the declared application holds."""

    def __init__(
        self, declared: dict[str, str], capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch
    ):
        self.declared, self.capsys, self.patch = declared, capsys, patch

    def registry(self, *arguments: str, number: str = "") -> Printed:
        return asked(self.capsys, self.patch, number, *arguments)


@pytest.fixture
def asking(
    declared: dict[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Asking:
    return Asking(declared, capsys, monkeypatch)


@pytest.mark.parametrize(
    ("arguments", "typed", "kept"),
    [
        (("search", "--national-id"), "national_id", "person"),
        (("search", "--name"), "name", "name"),
        (("search", "--provider"), "title", "provider"),
        (("search", "--tax-number"), "tax_number", "provider"),
        (("check", "--national-id"), "national_id", "person"),
        (("card", "--provider"), "title", "provider"),
        (("card", "--tax-number"), "tax_number", "provider"),
        (("person", "--national-id"), "national_id", "person"),
        (("recheck", "--older-than"), "0", "recheck"),
    ],
)
def test_every_look_leaves_one_line_that_tells_whom_it_showed(
    arguments: tuple[str, ...], typed: str, kept: str, asking: Asking, home: Path
) -> None:
    whole = f"{asking.declared['given_name']} {asking.declared['family_name']}"
    words = {**asking.declared, "name": whole}.get(typed, typed)
    by_number = "--national-id" in arguments
    printed = asking.registry(*arguments, *(() if by_number else (words,)), number=words if by_number else "")
    assert asking.declared["family_name"] in printed.out
    (line,) = trail(home)
    action = Action.QUERY if arguments[0] in {"search", "check"} else Action.VIEW_RECORD
    assert (line.action, line.object, line.account) == (action, f"registry:{kept}", None)
    assert line.address == COMMAND_LINE.address
    assert line.details == {"reveal": False}
    assert line.concerns_person is by_number
    tie = Tie.PERSON if by_number else Tie.QUERY
    assert told_of(home, asking.declared["national_id"]) == [(line.object, tie)]
    assert told_of(home, STRANGER) == []


@pytest.mark.parametrize(("deed", "action"), [("explain", Action.VIEW_CASE), ("letter", Action.LETTER)])
def test_who_explains_an_application_looks_at_its_people(
    deed: str,
    action: Action,
    declared: dict[str, str],
    home: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command(capsys, deed, ID)
    assert [(line.action, line.object) for line in trail(home)] == [(action, f"application:{ID}")]
    assert told_of(home, declared["national_id"]) == [(f"application:{ID}", Tie.APPLICATION)]


def test_numbers_in_full_and_files_of_certificates_are_told_as_such(
    asking: Asking, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_certificate(asking.declared, tmp_path / "inbox", home)
    number = asking.declared["national_id"]
    asking.registry(
        "search", "--national-id", "--reveal", "--certificates", str(tmp_path / "f"), number=number
    )
    query, *files = trail(home)
    assert query.details == {"reveal": True}
    written = sorted(path.stem for path in (tmp_path / "f").iterdir())
    assert written
    assert sorted(line.object for line in files) == [f"certificate:{sha256}" for sha256 in written]
    assert all(line.concerns_person for line in files)
    command(capsys, "explain", ID, "--reveal")
    assert trail(home)[-1].details == {"reveal": True}


def test_several_numbers_leave_a_line_each_also_of_people_who_are_not_found(
    asking: Asking, home: Path
) -> None:
    number = asking.declared["national_id"]
    asking.registry("check", "--national-id", "--provider", "Kurgu", number=f"{number}\n{STRANGER}\n")
    assert [(line.object, line.reason) for line in trail(home)] == [("registry:person", "Kurgu")] * 2
    assert told_of(home, STRANGER) == [("registry:person", Tie.PERSON)]


def test_a_tax_number_of_nobody_is_kept_as_it_was_typed(asking: Asking, home: Path) -> None:
    asking.registry("search", "--tax-number", "1111111111")
    assert [line.reason for line in trail(home)] == ["1111111111"]


def test_what_is_refused_or_verified_on_the_spot_leaves_nothing(
    asking: Asking, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused: Sequence[Printed] = (
        asking.registry("search"),
        asking.registry("search", "--name", "Tek"),
        command(capsys, "explain", "TS-2026-999999"),
    )
    assert {printed.code for printed in refused} == {Exit.USAGE}
    command(capsys, "explain", str(tmp_path / "inbox" / ID))
    assert trail(home) == ()


def test_nothing_is_shown_before_the_line_is_written(
    asking: Asking, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    transact = Database.transact

    def dying(self: Database, function: object) -> object:
        with crash_before(self, "INSERT INTO audit_lines"):
            return transact(self, function)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(Database, "transact", dying)
    for arguments in (("registry", "card", "--provider", asking.declared["title"]), ("explain", ID)):
        with pytest.raises(Crash):
            command(capsys, *arguments)
        assert capsys.readouterr().out == ""
    assert trail(home) == ()


def test_every_action_and_object_of_a_look_has_words() -> None:
    for language in Language:
        words = catalogue(language)
        assert {"audit.actions.view_record", "audit.objects.registry_recheck"} <= words.keys()
