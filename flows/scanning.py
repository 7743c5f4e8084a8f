"""The scanner for malware that the settings name, if they name one."""

from pathlib import Path

from extractors.clamd import Clamd
from extractors.evidence import Scan, malware, scan_file
from extractors.facts import Fault
from storage.settings import Settings


def scan_of(settings: Settings) -> Scan | None:
    """Return what scans files; None where no scanner is set. What it returns raises `extractors.clamd.ScanFailed`."""
    return Clamd(settings.clamd, settings.clamd_timeout).scan if settings.clamd else None


def found_in(path: Path, scan: Scan | None, reason: str) -> Fault | None:
    """Return the fault of a single file in which malware is found. Raises OSError, and what `scan` raises."""
    found = scan_file(path, scan) if scan is not None else None
    return malware(found, reason) if found else None
