"""The only opener of SQLite, the one writer, and files that are whole or not there."""
