"""Properties are the same on every run; HYPOTHESIS_PROFILE=search looks further, at random."""
from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

settings.register_profile(
    "same", derandomize=True, deadline=None, database=None, max_examples=100, print_blob=True,
    suppress_health_check=_SLOW)
settings.register_profile(
    "search", derandomize=False, deadline=None, max_examples=2000, print_blob=True,
    suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
