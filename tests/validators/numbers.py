"""Numbers for tests, invented: no one's, though their check digits hold."""

from hypothesis import strategies as st
from stdnum.tr import tckimlik, vkn

VALID = "10000000146"
"""A T.C. number."""
FULL = "23313010110433770010924000"
"""A workplace number of 26 digits."""
NATIONAL_IDS = st.integers(100_000_000, 999_999_999).map(lambda n: f"{n}{tckimlik.calc_check_digits(str(n))}")
TAX_NUMBERS = st.integers(0, 999_999_999).map(lambda n: f"{n:09}{vkn.calc_check_digit(f'{n:09}')}")
