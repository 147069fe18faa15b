"""Reaching a LabLink server: REST and WebSocket on one network thread, kept up and never silent about it."""
