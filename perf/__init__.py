"""Measurements that anyone can run: ``python -m perf``. Every figure is a ratio within one run, or a count."""
