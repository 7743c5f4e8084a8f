"""The rows of a statement: nothing that decides may be lost or placed under the wrong head."""

from dataclasses import replace

import pytest

from extractors.layout import load_layouts
from extractors.table import StatementTable, Table
from extractors.words import PageText, Word
from tests.extractors.sheets import page, words

COLUMNS = next(layout.columns for layout in load_layouts() if layout.columns)
HEADS = (
    (30.0, 100.0, "Kolu"),
    (60.0, 100.0, "Statü"),
    (100.0, 100.0, "Sicil"),
    (160.0, 100.0, "Soyadı"),
    (230.0, 100.0, "Meslek"),
    (270.0, 100.0, "Sandık"),
    (310.0, 100.0, "Ünite"),
    (340.0, 100.0, "Dönem"),
    (375.0, 100.0, "Türü"),
    (405.0, 100.0, "Bsmk"),
    (435.0, 100.0, "Giriş"),
    (485.0, 100.0, "Gün"),
    (510.0, 100.0, "PEK"),
    (565.0, 100.0, "Çıkış"),
    (615.0, 100.0, "Eksik"),
    (650.0, 100.0, "İşten"),
)
ENTRY = 430.0
EXIT = 560.0


def row(
    y: float, period: str, kind: str = "Asıl", days: str = "30", workplace: str = "1000000"
) -> list[tuple[float, float, str]]:
    return [
        (30.0, y, "4a"),
        (60.0, y, "APHB"),
        (100.0, y, "1900100000001"),
        (160.0, y, "AYŞE ÖRNEK"),
        (230.0, y, "7411.02"),
        (270.0, y, workplace),
        (310.0, y, "2701"),
        (340.0, y, period),
        (375.0, y, kind),
        (408.0, y, "1"),
        (485.0, y, days),
        (510.0, y, "33,030.00"),
    ]


def read(*pages: PageText) -> Table:
    table = StatementTable(COLUMNS)
    for one in pages:
        table.add(one)
    return table.result()


def test_every_cell_of_a_row_is_read() -> None:
    table = read(
        page(
            *HEADS,
            *row(120, "2026/9", days="16"),
            (ENTRY, 120, "15.09.2026"),
            (60, 140, "TOPLAM 2026"),
            (485, 140, "16"),
        )
    )
    (record,) = table.records
    assert (record.branch, record.status, record.workplace, record.unit) == ("4a", "APHB", "1000000", "2701")
    assert (record.period, record.document_type, record.days) == ("2026-09", "Asıl", 16)
    assert (record.entry_date, record.exit_date, record.doubts) == ("2026-09-15", None, ())
    assert table.names == ("AYŞE ÖRNEK",)
    assert table.doubts == ()


@pytest.mark.parametrize(("x", "entry", "leaving"), [(ENTRY, "2026-09-15", None), (EXIT, None, "2026-09-15")])
def test_a_single_date_goes_under_the_head_it_stands_below(
    x: float, entry: str | None, leaving: str | None
) -> None:
    (record,) = read(page(*HEADS, *row(120, "2026/9"), (x, 120, "15.09.2026"))).records
    assert (record.entry_date, record.exit_date, record.doubts) == (entry, leaving, ())


def test_an_exit_date_on_a_line_of_its_own_is_a_doubt_of_the_rows_beside_it() -> None:
    table = read(page(*HEADS, *row(120, "2026/9"), (EXIT, 129, "15.09.2026"), *row(138, "2026/10")))
    assert [bool(record.doubts) for record in table.records] == [True, True]


def test_an_exit_date_below_the_last_row_is_a_doubt() -> None:
    table = read(page(*HEADS, *row(120, "2026/9"), (EXIT, 130, "15.09.2026")))
    assert table.records[0].doubts


def test_a_print_date_below_the_table_is_none() -> None:
    table = read(page(*HEADS, *row(120, "2026/9"), (30, 132, "18.11.2026 10:22 itibarıyla")))
    assert table.records[0].doubts == ()


def test_a_cancelling_word_on_a_line_of_its_own_is_a_doubt() -> None:
    table = read(
        page(*HEADS, *[cell for cell in row(120, "2026/9") if cell[2] != "Asıl"], (375, 129, "İptal"))
    )
    assert any("line of its own" in doubt for doubt in table.records[0].doubts)


@pytest.mark.parametrize("lost", ["4a", "Asıl", "30"])
def test_a_row_without_a_decisive_cell_is_doubtful(lost: str) -> None:
    cells = [cell for cell in row(120, "2026/9") if cell[2] != lost]
    assert read(page(*HEADS, *cells)).records[0].doubts


def test_dates_in_the_wrong_order_are_doubtful() -> None:
    (record,) = read(
        page(*HEADS, *row(120, "2026/9"), (ENTRY, 120, "15.09.2026"), (455, 120, "16.09.2026"))
    ).records
    assert record.doubts


def test_later_pages_without_heads_use_the_earlier_ones() -> None:
    table = read(
        page(*HEADS, *row(120, "2026/9")), page(*row(30, "2026/10"), (EXIT, 30, "31.10.2026"), number=2)
    )
    assert [(r.page, r.period, r.exit_date) for r in table.records] == [
        (1, "2026-09", None),
        (2, "2026-10", "2026-10-31"),
    ]


def test_rows_without_any_heads_are_not_read_but_doubted() -> None:
    table = read(page(*row(120, "2026/9")))
    assert table.records == ()
    assert table.doubts == ("page 1: rows without column heads",)


def test_two_periods_on_one_line_are_doubted() -> None:
    table = read(page(*HEADS, *row(120, "2026/9"), (700, 120, "2026/10")))
    assert table.doubts == ("page 1: periods that anchor no row",)


@pytest.mark.parametrize(
    ("printed", "branch"), [("4a", "4a"), ("4A", "4a"), ("(*) 4a", "*4a"), ("*4a", "*4a"), ("GM20", "GM20")]
)
def test_branches(printed: str, branch: str) -> None:
    cells = [(10.0, 120.0, printed), *row(120, "2026/9")[1:]]
    assert read(page(*HEADS, *cells)).records[0].branch == branch


def test_a_partner_row_has_no_workplace() -> None:
    cells = [
        cell
        for cell in row(120, "2026/9")
        if cell[2] not in ("1000000", "2701", "APHB", "4a", "1900100000001")
    ]
    (record,) = read(page(*HEADS, *cells, (30, 120, "4b"), (60, 120, "Şirket Ortağı"))).records
    assert (record.branch, record.status, record.workplace, record.unit) == ("4b", "Şirket Ortağı", "", "")


def test_a_period_drawn_as_two_words_is_one() -> None:
    cells = [cell for cell in row(120, "2026/9") if cell[2] != "2026/9"]
    first = words(340, 120, "2026/")[0]
    second = Word("9", first.x1 + 0.5, first.y0, first.x1 + 4.5, first.y1)
    sheet = page(*HEADS, *cells)
    (record,) = read(replace(sheet, words=(*sheet.words, first, second))).records
    assert record.period == "2026-09"


def test_a_name_that_wraps_above_the_first_row_does_not_hide_the_row() -> None:
    cells = [cell for cell in row(122, "2026/9") if cell[2] != "AYŞE ÖRNEK"]
    table = read(page(*HEADS, (160, 113, "AYŞE"), *cells, (160, 127, "ÖRNEK")))
    assert len(table.records) == 1


def test_totals_and_notes_are_no_rows() -> None:
    table = read(
        page(
            *HEADS,
            *row(120, "2026/9"),
            (60, 130, "TOPLAM 2026"),
            (485, 130, "30"),
            (60, 140, "TOPLAM"),
            (485, 140, "30"),
        )
    )
    assert len(table.records) == 1
    assert table.records[0].doubts == ()


def test_a_date_that_touches_its_row_alone_belongs_to_it() -> None:
    table = read(page(*HEADS, *row(120, "2026/9"), (ENTRY, 124, "15.09.2026"), *row(140, "2026/10")))
    assert [(r.entry_date, r.doubts) for r in table.records] == [("2026-09-15", ()), (None, ())]


def test_a_date_broken_by_a_narrow_column_is_joined() -> None:
    table = read(
        page(*HEADS, *row(120, "2026/9"), (EXIT, 120, "28.09.20"), (EXIT, 129, "26"), *row(150, "2026/10"))
    )
    assert [(r.exit_date, r.doubts) for r in table.records] == [("2026-09-28", ()), (None, ())]


@pytest.mark.parametrize("part", ["28.09.20", "28.09.", "28/09/202"])
def test_a_part_of_a_date_is_a_doubt(part: str) -> None:
    assert read(page(*HEADS, *row(120, "2026/9"), (EXIT, 120, part))).records[0].doubts
    assert read(page(*HEADS, *row(120, "2026/9"), (EXIT, 129, part))).records[0].doubts


def test_what_a_page_end_cuts_from_a_row_is_a_doubt_of_the_row() -> None:
    first = page(*HEADS, *row(120, "2026/9"), *row(135, "2026/10"))
    rest = [(160.0, 112.0, "ÖRNEK"), (EXIT, 112.0, "31.10.2026"), (650.0, 112.0, "04")]
    with_rows = page(*HEADS, *rest, *row(130, "2026/11"), number=2)
    without_rows = page(*HEADS, *rest, (30, 200, "İŞYERİ ÜNVAN LİSTESİ"), number=2)
    without_heads = page(*[(x, y - 90, text) for x, y, text in rest], number=2)
    for second in (with_rows, without_rows, without_heads):
        assert read(first, second).records[1].doubts, second


def test_a_print_date_at_the_top_of_a_page_is_no_doubt() -> None:
    first = page(*HEADS, *row(120, "2026/9"))
    second = page((EXIT - 150, 20, "Sorgu: 18.11.2026 10:22"), *HEADS, *row(120, "2026/10"), number=2)
    assert [record.doubts for record in read(first, second).records] == [(), ()]


def test_an_exit_date_on_the_third_line_of_the_last_row_is_a_doubt() -> None:
    cells = (
        *row(120, "2026/9"),
        (160.0, 129.0, "KIZLIK"),
        (160.0, 138.0, "SOYADI"),
        (EXIT, 138.0, "30.09.2026"),
    )
    assert read(page(*HEADS, *cells)).records[0].doubts
    total = ((60.0, 132.0, "TOPLAM 2026"), (485.0, 132.0, "30"))
    assert (
        read(page(*HEADS, *row(120, "2026/9"), *total, (EXIT, 150.0, "18.11.2026"))).records[0].doubts == ()
    )
