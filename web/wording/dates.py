"""Times, dates and numbers as the screen writes them, in the station's zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from flask_babel import get_locale

from station.zone import local
from web.wording import gettext

if TYPE_CHECKING:
    from babel import Locale
    from flask import Flask


def clock(ms: int, zone: str, locale: Locale | str = "id") -> str:
    """A time of day: ``14.32.05``.

    >>> clock(1_707_809_525_000, "WIB")
    '14.32.05'
    """
    return format_time(local(ms, zone), "HH.mm.ss", locale=locale)


def date(ms: int, zone: str, locale: Locale | str = "id") -> str:
    """A date: ``13 Feb 2024``.

    >>> date(1_707_809_525_000, "WIB")
    '13 Feb 2024'
    """
    return format_date(local(ms, zone).date(), "d MMM yyyy", locale=locale)


def number(value: int, locale: Locale | str = "id") -> str:
    """A whole number: ``1.062``.

    >>> number(1062)
    '1.062'
    """
    return format_decimal(value, locale=locale)


def decimal(value: float, digits: int = 1, locale: Locale | str = "id") -> str:
    """A measure with so many digits after the comma: ``1,1``.

    >>> decimal(2.5, 2)
    '2,50'
    """
    form = f"#,##0.{'0' * digits}"
    return format_decimal(value, format=form, locale=locale)


def add_filters(app: Flask, zone: str) -> None:
    """Teach the templates ``clock``, ``date``, ``number``, ``decimal`` and others."""

    def locale() -> Locale | str:
        return get_locale() or "id"

    app.add_template_filter(lambda ms: clock(ms, zone, locale()), "clock")
    app.add_template_filter(
        lambda ms: f"{clock(ms, zone, locale())} {zone}", "clock_zone"
    )
    app.add_template_filter(lambda ms: clock(ms, zone, locale())[:5], "minute")
    app.add_template_filter(gettext.translated)
    app.add_template_filter(lambda ms: date(ms, zone, locale()), "date")
    app.add_template_filter(
        lambda day: format_date(day, "d MMM yyyy", locale=locale()), "day"
    )
    app.add_template_filter(lambda value: number(value, locale()), "number")
    app.add_template_filter(
        lambda value, digits=1: decimal(value, digits, locale()), "decimal"
    )
