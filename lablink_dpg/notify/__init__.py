"""Telling a person who looks elsewhere: what is worth it, how often, and the desktop that shows it."""
