"""What the cases of a pack show of it: its rules, the atoms of their conditions, and the ways to its verdicts.

A rule is covered when it certainly applies in one case and certainly does not in another. An atom, as written with
definitions written in, is covered when it is certainly true in one case that asks its rule and certainly false in
another. A leaf is a verdict about an activity with a rule that decides it. A node of the decision diagrams is visited
when a case comes to it by facts that are known.
"""
