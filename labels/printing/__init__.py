"""Printers: raw TCP, CUPS, Windows, ZPL."""
