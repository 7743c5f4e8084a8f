"""Every case of the sample inbox, by name: sound ones, and one for each code of the contract.

Left out are the codes that need official documents, certificates, OCR or the issuer's answer.
"""

from collections.abc import Callable, Mapping

from tests.papers import cases_archive, cases_paper, cases_papers, cases_person, cases_sound
from tests.papers.desk import Cases, Desk

SOUND: Mapping[str, Callable[[Desk], Cases]] = {**cases_sound.CASES, **cases_papers.SOUND}
"""Cases in which everybody must be verified."""
FAULTY: Mapping[str, Callable[[Desk], Cases]] = {
    **cases_person.CASES,
    **cases_paper.CASES,
    **cases_archive.CASES,
    **cases_papers.FAULTY,
}
"""Cases that must be flagged."""
ALL: Mapping[str, Callable[[Desk], Cases]] = {**SOUND, **FAULTY}


def mixture(count: int) -> list[str]:
    """Return `count` names: every second a faulty case, each once, until they are used up; else sound ones."""
    sound, faulty = tuple(SOUND), list(FAULTY)
    names: list[str] = []
    for number in range(count):
        faulty_turn = number % 2 == 1 and faulty
        names.append(faulty.pop(0) if faulty_turn else sound[len(names) // 2 % len(sound)])
    return names
