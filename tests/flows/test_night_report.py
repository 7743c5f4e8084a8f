import html
from collections import Counter
from datetime import UTC, datetime, timedelta

from flows.night_report import counted_name, headline, report
from flows.summary import LISTED, Summary
from flows.tally import Tally
from storage.columns import now
from storage.nights import LookBack, Night
from storage.runs import Counts
from validators.finding import Code

START = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
COUNTS = Counts(applications=1300, verified=900, flagged=100, unchanged=296, failed=3, waiting=1)


def a_night(counts: Counts = COUNTS, day: int = 0, seconds: int = 500) -> Night:
    started = START - timedelta(days=day)
    return Night(f"run-{day}", started, started + timedelta(seconds=seconds), counts)


def summary(tally: Tally) -> Summary:
    return Summary("run-0", COUNTS, 500.0, tally)


def back(*earlier: Night, waits: timedelta | None = None) -> LookBack:
    return LookBack(a_night(), earlier, parked=2, oldest_waiting=None if waits is None else now() - waits)


def lines(text: str, beginning: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(beginning)]


def test_it_begins_with_what_became_of_the_applications() -> None:
    text = report(summary(Tally()), back())
    assert "| 900 | 90.0% | verified · doğrulanan |" in text
    assert "| 100 | 10.0% | flagged · incelemeye ayrılan |" in text
    assert "| 296 |  | unchanged · değişmemiş |" in text
    assert "2026-11-22 01:30, 8 min 20 s, run `run-0`" in text, "in Istanbul's time"
    assert headline(summary(Tally())) == "900 verified, 100 flagged, 296 unchanged, 3 failed"


def test_a_run_s_name_has_its_count_once() -> None:
    name = counted_name("nightly-2026-11-22-0130", 1204)
    assert name == "nightly-2026-11-22-0130 · 1,204 applications"
    assert counted_name(name, 1) == "nightly-2026-11-22-0130 · 1 application", "when the run is tried again"


def test_labels_are_english_with_the_turkish_one_beside() -> None:
    assert "verified · doğrulanan" in report(summary(Tally()), back())


def test_a_reason_has_its_question_in_both_languages_and_some_applications() -> None:
    many = {f"A-{number:02d}": frozenset({Code.NO_LINK}) for number in range(LISTED + 1)}
    text = report(summary(Tally(reasons=many)), back())
    (row,) = [line for line in text.splitlines() if "`NO_LINK`" in line]
    assert row.startswith(f"| {LISTED + 1} | `NO_LINK` Does the service statement")
    assert "provider?<br>*Hizmet dökümü" in row
    assert "A-00, A-01, A-02, A-03, A-04,<br>A-05, " in row
    assert row.endswith(f"A-{LISTED - 1:02d}, … |")


def test_failures_are_counted_by_code_the_most_frequent_first() -> None:
    tally = Tally(failures={"A-1": "OWNER_DIED", "A-2": "INPUT_OUTPUT_ERROR"}, unjudged={"A-3": "OWNER_DIED"})
    text = report(summary(tally), back())
    first, second = lines(text.partition("## Failed")[2], "| ")[2:4]
    assert first.startswith("| 2 | `OWNER_DIED` the process that read it")
    assert first.endswith("<br>*okuyan süreç her denemede yarıda kesildi*<br>A-1, A-3 |")
    assert second.startswith("| 1 | `INPUT_OUTPUT_ERROR` ")


def test_a_failure_of_another_version_has_its_code_alone() -> None:
    text = report(summary(Tally(failures={"A-1": "OF_ANOTHER_VERSION"})), back())
    assert "| 1 | `OF_ANOTHER_VERSION`<br>A-1 |" in text


def test_a_folder_s_name_cannot_break_the_table() -> None:
    text = report(summary(Tally(failures={"A|`<b>*[x](y)_Ş-1": "OWNER_DIED"})), back())
    (row,) = lines(text, "| 1 | `OWNER_DIED`")
    shown = row.rpartition("<br>")[2].removesuffix(" |")
    assert html.unescape(shown) == "A|`<b>*[x](y)_Ş-1"
    assert not set(shown) & set("|`<>*[]()")


def test_the_queue_is_told_with_its_age() -> None:
    assert "| 1 | 2 | 3.5 |" in report(summary(Tally()), back(waits=timedelta(days=3, hours=12)))
    assert "| 1 | 2 | – |" in report(summary(Tally()), back())


def test_nights_before_are_beside_it_with_their_mean() -> None:
    earlier = (
        a_night(Counts(200, 150, 50, 0, 4), day=1, seconds=100),
        a_night(Counts(700, 650, 50, 0, 0), day=2, seconds=350),
    )
    text = report(summary(Tally()), back(*earlier))
    rows = lines(text.partition("## Beside")[2], "| ")[2:6]
    assert rows == [
        "| **this one<br>bu gece** | 1,000 | 90.0% | 10.0% | 3 | 500 | 2.0 |",
        "| **mean of 2<br>ortalama (2)** | 450 | 88.9% | 11.1% | 2 | 225 | 2.0 |",
        "| 2026-11-21 01:30 | 200 | 75.0% | 25.0% | 4 | 100 | 2.0 |",
        "| 2026-11-20 01:30 | 700 | 92.9% | 7.1% | 0 | 350 | 2.0 |",
    ]


def test_the_first_night_says_that_it_is_the_first() -> None:
    assert "no night before this one" in report(summary(Tally()), back())


def test_slow_applications_and_sources_are_told() -> None:
    tally = Tally(decoders=Counter({"zxing": 40, "zbar+blur": 2}), texts=Counter({"embedded": 39}))
    tally.add_reading("A-1", 12.34)
    text = report(summary(tally), back())
    assert "| A-1 | 12.3 |" in text
    assert text.index("| `zxing` | 40 |") < text.index("| `zbar+blur` | 2 |")
    assert "| text of the file · dosyanın kendi metni | 39 |" in text


def test_a_night_without_work_has_no_empty_tables() -> None:
    nothing = Counts(51, 0, 0, 51, 0)
    seen = LookBack(a_night(nothing, seconds=0), (), 0, None)
    text = report(Summary("run-0", nothing, 0.0, Tally()), seen)
    assert "| 51 |  | unchanged" in text
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "## What became of the applications · Başvuruların sonucu",
        "## Beside the nights before · Önceki gecelerle karşılaştırma",
        "## Waiting and parked · Bekleyenler ve bir kenara ayrılanlar",
    ]
