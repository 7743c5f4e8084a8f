"""The statistics page and its files, as a browser asks for them."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from review.desk import Desk
from review.statistics import FIGURES
from storage.desk.accounts import Role
from storage.desk.audit import Action, LineFilter, lines
from tests.review.nights import put_night
from tests.review.visiting import Visitor

Visit = Callable[..., Visitor]
KEYS = [key for keys in FIGURES for key in keys]


def test_every_figure_is_shown_with_its_table_and_files(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    put_night(desk, tmp_path / "inbox")
    page = visit(Role.OPERATOR).get("/statistics").text
    for key in KEYS:
        assert f'id="{key}"' in page
    for key in ("applications", "share", "reasons", "queue"):
        assert f'aria-labelledby="{key}-wide-t {key}-wide-d"' in page
        assert f"/statistics/{key}.csv?" in page
    assert "Dönemde 5 başvuru geldi" in page
    assert "10000000078" not in page
    assert " style=" not in page


def test_an_empty_registry_has_a_page_too(visit: Visit) -> None:
    answer = visit(Role.AUDITOR).get("/statistics")
    assert answer.status_code == 200
    assert '<svg class="chart' in answer.text  # the share's axis
    assert "gösterilecek bir şey yok" in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-11-22&to=2026-11-01",
        "from=2020-01-01&to=2026-01-01",
        "from=yarin",
        "to=0001-01-01",
        "from=9999-12-31&to=9999-12-31",
        "from=0001-01-01&to=0001-01-01",
    ],
)
def test_what_is_no_period_is_told(query: str, visit: Visit) -> None:
    visitor = visit(Role.AUDITOR)
    answer = visitor.get(f"/statistics?{query}")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert visitor.get(f"/statistics/queue.csv?{query}").status_code == 404


def test_figures_of_a_year_are_told_by_week(visit: Visit, desk: Desk, tmp_path: Path) -> None:
    put_night(desk, tmp_path / "inbox")
    page = visit(Role.REVIEWER).get("/statistics?from=2026-01-01&to=2026-12-31").text
    assert "Haftanın ilk günü" in page


@pytest.mark.parametrize("key", KEYS)
def test_table_of_a_figure_is_sent_as_a_file_and_that_is_audited(
    key: str, visit: Visit, desk: Desk, tmp_path: Path
) -> None:
    put_night(desk, tmp_path / "inbox")
    visitor = visit(Role.AUDITOR)
    sent = visitor.get(f"/statistics/{key}.csv")
    assert re.fullmatch(
        rf'attachment; filename="kanit-{key}-[\d-]+\.csv".*', sent.headers["content-disposition"]
    )
    rows = list(csv.reader(io.StringIO(sent.content.decode("utf-8-sig"))))
    assert len({len(row) for row in rows}) == 1
    book = visitor.get(f"/statistics/{key}.xlsx")
    assert zipfile.is_zipfile(io.BytesIO(book.content))
    noted = desk.database.read(lambda work: lines(work, LineFilter(actions=(Action.EXPORT,))))
    assert [(line.object, line.details["form"]) for line in noted] == [
        (f"statistics:{key}", "xlsx"),
        (f"statistics:{key}", "csv"),
    ]


@pytest.mark.parametrize("path", ["/statistics/nothing.csv", "/statistics/queue.pdf"])
def test_what_is_no_figure_or_no_form_is_not_found(path: str, visit: Visit) -> None:
    assert visit(Role.AUDITOR).get(path).status_code == 404


def test_health_service_providers_see_no_figures(visit: Visit) -> None:
    visitor = visit(Role.PROVIDER_QUERY)
    assert visitor.get("/statistics").status_code == 403
    assert visitor.get("/statistics/queue.csv").status_code == 403


def test_page_speaks_english(visit: Visit) -> None:
    visitor = visit(Role.REVIEWER)
    visitor.http.cookies.set("kanit_language", "en")
    assert "Time to decision" in visitor.get("/statistics").text
