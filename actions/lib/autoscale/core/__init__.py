"""Everything that thinks: values and functions from values to values.

No clock, no randomness, no input or output, no StackStorm. Time comes in as ``now``, in seconds
since 1970; ``tests/core/test_purity.py`` fails when a module here imports anything else.
"""
