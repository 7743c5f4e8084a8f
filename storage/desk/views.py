"""Filters of the queue that officers keep under a name."""

import dataclasses
from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import delete, select

from storage.database import UnitOfWork
from storage.desk.queue import Filter
from storage.models import SavedView

_NAME, _FILTER = "desk_views.name", "desk_views.filter"
_FILTERS = TypeAdapter(Filter)


@dataclass(frozen=True, slots=True)
class View:
    """A filter under a name. A person is never kept in it."""

    id: int
    name: str
    filter: Filter


def views(work: UnitOfWork, account_id: int) -> tuple[View, ...]:
    """Return the saved views of an account, by name."""
    rows = work.session.scalars(select(SavedView).where(SavedView.account_key == account_id))
    return tuple(sorted((_view(work, row) for row in rows), key=lambda view: view.name))


def save_view(work: UnitOfWork, account_id: int, name: str, wanted: Filter) -> View:
    """Keep a filter under a name, in place of the one that had it; `person` is left out."""
    index = work.keys.index(f"{account_id}\0{name}", "desk_view")
    where = (SavedView.account_key == account_id, SavedView.name_index == index)
    row = work.session.scalar(select(SavedView).where(*where).with_for_update())
    kept = dataclasses.replace(wanted, person=None)
    sealed = work.keys.seal_bytes(_FILTERS.dump_json(kept), _FILTER)
    if row is None:
        row = SavedView(account_key=account_id, name_index=index, name=work.keys.seal(name, _NAME))
        work.session.add(row)
    row.filter = sealed
    work.session.flush()
    return View(row.id, name, kept)


def delete_view(work: UnitOfWork, account_id: int, view_id: int) -> None:
    """Forget a view of the account; one of somebody else's stays."""
    where = (SavedView.id == view_id, SavedView.account_key == account_id)
    work.session.execute(delete(SavedView).where(*where))


def _view(work: UnitOfWork, row: SavedView) -> View:
    kept = _FILTERS.validate_json(work.keys.unseal_bytes(row.filter, _FILTER))
    return View(row.id, work.keys.unseal(row.name, _NAME), kept)
