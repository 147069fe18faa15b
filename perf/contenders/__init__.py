"""Plotting libraries side by side: each draws the same arrays in a window of its own process (see ``perf.peers``)."""
