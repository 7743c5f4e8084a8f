"""`make sbom`: the packages of the product with versions, hashes and licences, as CycloneDX (ECMA-424) in JSON."""

import sys
import tomllib
from importlib import metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.utils import NormalizedName

from tests.web.components import ROOT, licences_of, locked, needed

GROUPS = ("product", "s3", "demo")
"""What can be installed of kanit; the tools of its developers are not part of it."""


def bill() -> Bom:
    """Return the bill of materials of what is installed here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    bom = Bom()
    bom.metadata.component = root = Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        licenses=[LicenseFactory().make_from_string(project["license"])],
        bom_ref=project["name"],
    )
    packages = needed(*GROUPS)
    components = {name: _component(name) for name in packages}
    bom.components.update(components.values())
    bom.register_dependency(root, components.values())
    for name, below in packages.items():
        bom.register_dependency(components[name], [components[each] for each in below])
    return bom


def _component(name: NormalizedName) -> Component:
    version = metadata.version(name)
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        purl=PackageURL("pypi", name=name, version=version),
        bom_ref=f"{name}@{version}",
        licenses=[LicenseFactory().make_with_name(" OR ".join(licences_of(name)))],
        hashes=[
            HashType(alg=HashAlgorithm.SHA_256, content=digest)
            for line in locked().get(name, [])
            if str(line.version) == version
            for digest in line.hashes
        ],
    )


def main(path: str) -> None:
    """Write the bill of materials into a file."""
    Path(path).write_text(JsonV1Dot6(bill()).output_as_string(indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
