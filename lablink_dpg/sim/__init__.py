"""A LabLink server to talk to, in a process of its own: instruments and signals with known answers."""
