"""Addresses of pages as earlier releases had them; each leads to today's (308)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.routing import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Flask
    from werkzeug.routing import MapAdapter

MOVED: Mapping[str, str] = {
    "/gerbang/<name>/scan": "/gerbang/{name}/pindai",
    "/gerbang/<name>/photo": "/gerbang/{name}/foto",
    "/gerbang/<name>/acknowledge": "/gerbang/{name}/selesaikan",
    "/gerbang/<name>/take-off": "/gerbang/{name}/turunkan",
    "/gerbang/<name>/shift": "/gerbang/{name}/mulai-tugas",
    "/gerbang/<name>/frame.jpg": "/gerbang/{name}/gambar.jpg",
    "/gerbang/<name>/events": "/gerbang/{name}/kabar",
    "/surat-jalan/open": "/surat-jalan/buka",
    "/surat-jalan/close": "/surat-jalan/tutup",
    "/surat-jalan/arrive": "/surat-jalan/terima",
}


def add_to(app: Flask) -> None:
    """Redirect each old address, keeping method, form and query."""
    for old, new in MOVED.items():
        app.url_map.add(Rule(old, redirect_to=_leads_to(new)))


def _leads_to(new: str) -> Callable[..., str]:
    def address(adapter: MapAdapter, **values: str) -> str:
        query = adapter.query_args
        return new.format(**values) + (f"?{query}" if query else "")

    return address
