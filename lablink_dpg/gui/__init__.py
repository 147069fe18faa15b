"""The window: the only room that knows Dear PyGui. It asks a ``Source`` for frames and draws them, nothing else."""
