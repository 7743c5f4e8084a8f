"""The review application over HTTP, as a browser meets it, on a registry of the test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from review.desk import Desk
from storage.desk.accounts import Role
from storage.settings import Settings, load_settings
from tests.review.visiting import Visitor, running


@pytest.fixture
def desk_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a registry in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    return load_settings(home=tmp_path / "kanit")


@pytest.fixture
def desk(desk_settings: Settings) -> Iterator[Desk]:
    """The desk of a running application: `desk.database` holds what the test puts there."""
    with running(desk_settings) as served:
        yield served.desk


@pytest.fixture
def visit(desk: Desk) -> Iterator[Callable[..., Visitor]]:
    """Open a browser's connection: `visit()` as a guest, `visit(Role.REVIEWER)` logged in as a new account."""
    visitors: list[Visitor] = []

    def open_one(role: Role | None = None, name: str = "") -> Visitor:
        visitor = Visitor(desk)
        visitors.append(visitor)
        return visitor.log_in(role, name or role.value.replace("_", ".")) if role else visitor

    yield open_one
    for visitor in visitors:
        visitor.close()
