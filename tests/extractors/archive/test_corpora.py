"""The labelled archives of other projects: refused or walked as their labels say, but for a few listed ones."""

import csv
from functools import cache

import pytest

from extractors.archive import ArchiveRefused, list_members
from tests.extractors.archive.labels import DISAGREEMENTS, SOUND
from tests.shared import SHARED, needs_shared

pytestmark = [needs_shared, pytest.mark.shared]

CORPORA = SHARED / "corpora"

CODES = {
    "encrypted": {"ARCHIVE_ENCRYPTED"},
    "bomb(count)": {"ARCHIVE_LIMIT"},
    "bomb(ratio)": {"ARCHIVE_LIMIT"},
    "quine(nested self)": {"ARCHIVE_LIMIT"},
    "overlap(bomb)": {"ARCHIVE_UNSAFE"},
    "symlink": {"ARCHIVE_UNSAFE"},
    "unsupported-method": {"ARCHIVE_NOT_ZIP"},
    "junk": {"ARCHIVE_DAMAGED"},
}
"""The code where the label leaves no choice."""


@cache
def labelled() -> dict[str, str]:
    """Return the label of each archive by its path under `zips`."""
    with (CORPORA / "MANIFEST.tsv").open(encoding="utf-8") as manifest:
        rows = csv.DictReader(manifest, delimiter="\t")
        return {r["file"][5:]: r["label"] for r in rows if r["file"].startswith("zips/")}


def verdict(name: str) -> str:
    """Return the code of the refusal, or nothing where the archive is walked."""
    try:
        list_members(CORPORA / "zips" / name)
    except ArchiveRefused as refusal:
        return refusal.fault.code.value
    return ""


def test_every_label_is_followed_but_for_the_listed_archives() -> None:
    against = {name for name, label in labelled().items() if bool(verdict(name)) == (label in SOUND)}
    assert against == set(DISAGREEMENTS)


def test_codes_fit_the_labels() -> None:
    labels = labelled()
    wrong = {
        name: (label, verdict(name))
        for name, label in labels.items()
        if label in CODES and verdict(name) not in CODES[label]
    }
    assert wrong == {}
    assert set(CODES) <= set(labels.values())


def test_no_archive_that_another_project_rejects_is_walked() -> None:
    rejected = [
        name for name, label in labelled().items() if label.startswith("reject") or label == "inconsistent"
    ]
    assert len(rejected) > 40
    assert not set(rejected) & set(DISAGREEMENTS)
    assert all(verdict(name) for name in rejected)
