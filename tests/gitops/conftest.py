"""A repository on a stand-in forge, a runner for its workflows, and a mail server that they meet."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
