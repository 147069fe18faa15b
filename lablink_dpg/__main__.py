"""``python -m lablink_dpg`` is the same program as ``lablink-dpg``."""

import sys

from lablink_dpg.cli import main

if __name__ == "__main__":
    sys.exit(main())
