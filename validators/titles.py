"""Company titles (unvan): whether two spellings are of one.

Titles are compared by their structure, never by a score of likeness: ANKARA and ANTALYA are far more alike
than a title and its abbreviated form. Two companies may lawfully differ by one word, by their legal form,
or by SANAYİ alone (TTK m.43, 45), so nothing is left out that both sides could carry.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import lru_cache

from validators.title_parts import AND, EXACT, FOLDED, INDUSTRY, TRADE, Title, Word, joined, parse

# SGK cuts titles at 60 characters on the statement's list and at about 55 on the declaration; a space at
# the cut is lost. A cut inside a word shows at any length from 15 characters on.
_CUT_LENGTHS = range(54, 61)
_LEAST_PREFIX = 15


class TitleMatch(StrEnum):
    """How two titles compare. Only `SAME` is equality; see `uncertain` for what a human may still accept."""

    SAME = "same"
    """Equal after Turkish casing, punctuation, spacing, known abbreviations; the legal form too."""
    TRUNCATED = "truncated"
    """One is the beginning of the other, cut off, or agrees only by an abbreviation of several meanings."""
    BRANCH = "branch"
    """One company, but a branch (şube) on one side, or two branches."""
    SOLE_TRADER = "sole_trader"
    """Neither has a legal form, and the words of one are among those of the other."""
    DIACRITIC = "diacritic"
    """Equal only when Turkish letters are reduced to ASCII (KIR, KİR; KOÇ, KOC)."""
    NO_FORM = "no_form"
    """Equal, but the legal form is missing on one side."""
    DIFFERENT_FORM = "different_form"
    """Equal but for the legal form: two companies."""
    DIFFERENT = "different"

    @property
    def uncertain(self) -> bool:
        """True when the titles may be of one company, but a human must look."""
        return self not in {TitleMatch.SAME, TitleMatch.DIFFERENT_FORM, TitleMatch.DIFFERENT}


@lru_cache(maxsize=4096)
def compare_titles(a: str, b: str) -> TitleMatch:
    """Compare two titles; the order does not matter. A title without a name is different from any."""
    exact = _compare(parse(a, EXACT), parse(b, EXACT))
    if exact is TitleMatch.SAME:
        return exact
    folded = _compare(parse(a, FOLDED), parse(b, FOLDED))
    return TitleMatch.DIACRITIC if folded is TitleMatch.SAME else folded


def _compare(a: Title, b: Title) -> TitleMatch:
    if not a.words or not b.words:
        return TitleMatch.DIFFERENT
    if a.name == b.name and a.open_branch == b.open_branch:
        return _compare_rest(a, b)
    for test, match in _DOUBTS:
        if test(a, b) or test(b, a):
            return match
    return TitleMatch.DIFFERENT


def _compare_rest(a: Title, b: Title) -> TitleMatch:
    """Compare form and branch of titles with one name."""
    if a.form != b.form:
        return TitleMatch.DIFFERENT_FORM if a.form and b.form else TitleMatch.NO_FORM
    if a.branch != b.branch:
        return TitleMatch.BRANCH
    both_cut = a.form is None and a.length in _CUT_LENGTHS and b.length in _CUT_LENGTHS
    return TitleMatch.TRUNCATED if both_cut else TitleMatch.SAME


def _lacks_form(short: Title, long: Title) -> bool:
    """`short` has no form and, at most, lacks SANAYİ and TİCARET at the end of `long`."""
    if short.form or not long.form:
        return False
    ends = {long.vocabulary.spell(INDUSTRY), long.vocabulary.spell(TRADE), AND}
    words = [word.text for word in long.words]
    while words and words[-1] in ends:
        words.pop()
    return bool(words) and short.name == joined(words)


def _abbreviates(a: Title, b: Title) -> bool:
    """The titles agree word by word if abbreviations of several meanings are read to suit."""
    words_a, words_b = ([word for word in title.words if word.text != AND] for title in (a, b))
    if a.form != b.form or a.branch != b.branch or len(words_a) != len(words_b):
        return False
    pairs = [(x, y) for x, y in zip(words_a, words_b, strict=True) if x.text != y.text]
    return bool(pairs) and all(_stands_for(x, y, a) or _stands_for(y, x, a) for x, y in pairs)


def _stands_for(short: Word, long: Word, title: Title) -> bool:
    if not short.short or len(short.written) < 2:
        return False
    return long.text.startswith(short.written) or long.text in title.vocabulary.ambiguous.get(
        short.written, ()
    )


def _branch_of(branch: Title, company: Title) -> bool:
    """`branch` is a branch whose name is mixed with the title, and the title is `company`'s."""
    size = len(company.words)
    texts = [word.text for word in branch.words]
    return branch.open_branch and texts[:size] == [word.text for word in company.words]


def _contains(short: Title, long: Title) -> bool:
    """Neither has a form; the words of `short`, two at least, are among those of `long`."""
    if short.form or long.form or len(short.words) < 2:
        return False
    return Counter(word.text for word in short.words) <= Counter(word.text for word in long.words)


def _cut_from(short: Title, long: Title) -> bool:
    """`short` is the beginning of `long`, cut inside a word or at a length at which SGK cuts."""
    if short.form or short.branch is not None or short.length < _LEAST_PREFIX:
        return False
    whole = [word.text for word in long.words] + (long.form or "").split()
    part = [*(word.text for word in short.words[:-1]), short.words[-1].written]
    whole, part = ([word for word in words if word != AND] for words in (whole, part))
    anywhere = short.length in _CUT_LENGTHS
    return _begins(part, whole, anywhere) or _begins(short.written, long.written, anywhere)


def _begins(part: Sequence[str], whole: Sequence[str], between_words: bool) -> bool:
    """`whole` begins with `part`, whose end lies inside a word unless `between_words` is allowed."""
    if not part or not "".join(whole).startswith("".join(part)):
        return False
    return between_words or list(whole[: len(part)]) != list(part)


_DOUBTS: tuple[tuple[Callable[[Title, Title], bool], TitleMatch], ...] = (
    (_lacks_form, TitleMatch.NO_FORM),
    (_branch_of, TitleMatch.BRANCH),
    (_abbreviates, TitleMatch.TRUNCATED),
    (_contains, TitleMatch.SOLE_TRADER),
    (_cut_from, TitleMatch.TRUNCATED),
)
