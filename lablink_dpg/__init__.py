"""lablink-dpg: the live display for fast lab acquisitions of LabLink servers."""

__version__ = "0.1.0"
