"""What is installed is what was chosen: pinned by hashes, within the ranges, under licences that may be used."""

import json
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.web.components import LOCK, licences_of, locked, needed, wanted
from tests.web.sbom import GROUPS, main

LESSER = {
    "fpdf2": "draws the papers of the demo",
    "pebble": "the pool of sandboxed processes",
    "pi-heif": "reads HEIC by libheif; linked at run time",
    "psycopg": "PostgreSQL",
    "psycopg-binary": "PostgreSQL",
    "python-stdnum": "check digits",
}
"""Packages of the product under the LGPL, used as they come: whoever runs kanit may replace them."""


def test_every_line_of_the_lock_is_pinned_by_hashes() -> None:
    lines = [line for each in locked().values() for line in each]
    assert len(lines) > 100
    assert [line.requirement for line in lines if not line.hashes or not line.version] == []
    text = LOCK.read_text("utf-8")
    assert "://" not in text.replace("https://", "", text.count("# ")), (
        "a package from elsewhere than the index"
    )


@pytest.mark.parametrize("group", sorted(wanted()))
def test_the_lock_lies_within_the_ranges(group: str) -> None:
    for requirement in wanted()[group]:
        lines = locked().get(canonicalize_name(requirement.name), [])
        assert lines, f"{requirement} is not locked: make lock"
        assert all(requirement.specifier.contains(line.version) for line in lines), requirement


def test_every_package_that_the_product_needs_is_locked() -> None:
    assert needed(*GROUPS).keys() - locked().keys() == set()


def is_free(licence: str) -> bool:
    """Return whether a licence asks nothing of a program that only uses the package; the LGPL counts as one."""
    words = licence.upper().replace("LESSER GENERAL PUBLIC", "LGPL").replace("LGPL", "")
    return bool(licence) and not any(word in words for word in ("GPL", "GENERAL PUBLIC", "AFFERO", "SSPL"))


@pytest.mark.parametrize("group", sorted(wanted()))
def test_no_package_comes_under_the_gpl(group: str) -> None:
    licences = {name: licences_of(name) for name in needed(group)}
    assert {name: told for name, told in licences.items() if not any(map(is_free, told))} == {}


def test_packages_under_the_lgpl_are_those_that_are_known() -> None:
    found = {
        name
        for name in needed(*GROUPS)
        if all("LGPL" in told or "Lesser" in told for told in licences_of(name))
    }
    assert found == LESSER.keys()


@pytest.mark.parametrize(
    ("licence", "free"),
    [
        ("MIT", True),
        ("LGPL-3.0-only", True),
        ("GNU Lesser General Public License v3 (LGPLv3)", True),
        ("GNU Library or Lesser General Public License (LGPL)", True),
        ("GPL-2.0-or-later", False),
        ("AGPL-3.0", False),
        ("GNU General Public License v3 (GPLv3)", False),
        ("GNU Affero General Public License v3", False),
        ("", False),
    ],
)
def test_licences_are_told_apart(licence: str, free: bool) -> None:
    assert is_free(licence) == free


def test_bill_of_materials_names_every_package_with_hash_and_licence(tmp_path: Path) -> None:
    main(str(tmp_path / "sbom.json"))
    bill = json.loads((tmp_path / "sbom.json").read_text("utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    packages = {each["name"]: each for each in bill["components"]}
    assert packages.keys() == needed(*GROUPS).keys()
    for name, package in packages.items():
        assert package["purl"] == f"pkg:pypi/{name}@{package['version']}"
        assert package["licenses"]
        versions = {line.version for line in locked()[canonicalize_name(name)]}
        assert bool(package.get("hashes")) == (Version(package["version"]) in versions)
    below = {each["ref"]: each.get("dependsOn", []) for each in bill["dependencies"]}
    assert len(below["kanit"]) == len(packages)
    assert any(ref.startswith("h11@") for ref in below[f"httpcore@{packages['httpcore']['version']}"])
