"""Fuzz one test guided by coverage; needs the package `atheris`, which nothing else asks for.

    .venv/bin/python -m tests.fuzz.guided TEST [libFuzzer options, such as -max_total_time=600]

TEST is one of `TARGETS`. Atheris watches which lines of the extractors an example reaches and keeps those that reach
new ones; Hypothesis turns its bytes into the examples of the same test that `pytest` runs.
"""

import importlib
import sys
from collections.abc import Mapping
from typing import Any

TARGETS: Mapping[str, tuple[str, str]] = {
    "payload": ("test_edevlet", "test_any_text_is_a_payload_that_stands_in_it_or_foreign"),
    "barcode": ("test_edevlet", "test_barcodes_of_any_text_are_compared"),
    "layout": ("test_layout", "test_what_is_read_stands_on_the_page"),
    "barcodes": ("test_layout", "test_a_printed_barcode_stands_on_the_page"),
    "readers": ("test_layout", "test_two_readers_of_any_words_are_combined"),
}
"""Tests without fixtures: what runs in a child of the sandbox cannot be watched."""


def main() -> None:
    """Hand the test to libFuzzer, which ends the process."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(__doc__)
    try:
        atheris: Any = importlib.import_module("atheris")
    except ImportError:
        sys.exit("atheris is not installed: pip install atheris")
    module, name = TARGETS[sys.argv[1]]
    with atheris.instrument_imports(include=["extractors"]):
        test = getattr(importlib.import_module(f"tests.fuzz.{module}"), name)
    atheris.Setup([sys.argv[0], *sys.argv[2:]], test.hypothesis.fuzz_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
