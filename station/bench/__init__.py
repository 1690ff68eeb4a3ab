"""``jejak bench``: figures of this machine, made in one run so that they compare."""
