"""How long the tests of this folder go on: a few examples in the test suite, more where the runner asks for them."""

import os

from hypothesis import HealthCheck, settings

EXAMPLES = "KANIT_FUZZ_EXAMPLES"
"""The environment variable with the number of examples of each test."""
END = "KANIT_FUZZ_END"
"""The environment variable with the moment (Unix time) from which no further test is begun."""

fuzzed = settings(
    max_examples=int(os.environ.get(EXAMPLES, "25")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
