"""How random the property tests are: everywhere in development, the same examples each time in continuous integration."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
settings.register_profile("weightgate", COMMON, max_examples=60)
settings.register_profile("weightgate-ci", COMMON, max_examples=60, derandomize=True, database=None)
settings.load_profile("weightgate-ci" if os.environ.get("CI") else "weightgate")
