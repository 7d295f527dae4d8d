"""What scaling costs, as ratios and counts: ``python -m benchmarks``. See docs/benchmarks.md."""
from __future__ import annotations

import sys
from pathlib import Path

# StackStorm puts a pack's actions/lib on the path of its actions; here nobody else does.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "actions" / "lib"))
