"""The words every room speaks: frozen values without behaviour, I/O or clock."""
