"""`python -m api`: the ingress alone, beside a farm that runs elsewhere."""

from __future__ import annotations

import sys

from api.server import run
from cutfarm.config import Settings
from cutfarm.errors import CutfarmError

try:
    run(Settings())
except CutfarmError as error:
    sys.exit(f"cutfarm API: {error}")
