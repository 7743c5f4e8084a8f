"""A handful of rounds of chaos; `python -m tests.chaos` plays as many as asked."""

from collections.abc import Iterator
from random import Random

import pytest

from tests.chaos.rounds import FAULTS, WITHOUT_PREFECT, Chaos, chaos
from tests.chaos.world import PLAIN, WITH_PREFECT

pytestmark = [pytest.mark.slow, pytest.mark.postgres]

SEED = 20261122
ATTEMPTS = 3
EMBEDDED = "Prefect's embedded server"
"""Left to `python -m tests.chaos`: Prefect's client asks a server that is gone for a minute, several times."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chaos]:
    """Write an inbox, run it undisturbed, and start the servers of the rounds."""
    with chaos(tmp_path_factory.mktemp("chaos"), applications=60, samples=3) as built:
        yield built


@pytest.mark.timeout(900)
@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != EMBEDDED])
def test_a_disturbed_night_ends_as_an_undisturbed_one(stage: Chaos, fault: str) -> None:
    program = PLAIN if fault in WITHOUT_PREFECT else WITH_PREFECT
    for attempt in range(ATTEMPTS):
        played = stage.round(fault, Random(f"{SEED}/{fault}/{attempt}"), program)
        assert played.broken == []
        if played.strikes:
            return
    pytest.fail("no batch was at work at the moments of the fault")
