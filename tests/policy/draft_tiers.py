"""The countries of Tier 1 and Tier 3 in the draft pack since June 2026, written down from the law's own lists.

Tier 1 is Supplement No. 5 to part 740, paragraph (a); Tier 3 is Country Group D:5 with Hong Kong and Macau.
"""

from __future__ import annotations

TIER_1 = "AU BE CA DE DK ES FI FR GB IE IT JP KR NL NO NZ SE TW US".split()  # noqa: SIM905
TIER_3 = "AF BY CD CF CN CU ER HT IQ IR KP LB LY MM NI RU SD SO SS SY VE ZW HK MO".split()  # noqa: SIM905
