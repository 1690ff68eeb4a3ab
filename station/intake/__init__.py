"""Plan files as clerks send them: bytes -> grids -> tables -> rows, and what is wrong.

Nothing here knows the database: what is registered already is given as values.
"""
