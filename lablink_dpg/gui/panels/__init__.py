"""Parts of the window. Each is built once and drawn every frame; none remembers a sample."""
