"""What every page says in a bar while it lasts."""

from __future__ import annotations

from labels.papers.paper_pdf import form_name
from station.custody.gate import paper_forms
from web import auth, context
from web.wording import alarm_sentences

NAMED = 5
"""Missing forms that are named; of more it is said that there are others."""


def now() -> list[str]:
    """The sentences of what is wrong with the station now."""
    told = [alarm_sentences.of_alarm(code) for code in context.services().alarms()]
    if auth.may("paper_fallback.page"):
        missing = paper_forms.known(context.db()).missing
        if missing:
            told.append(
                alarm_sentences.missing_forms([form_name(n) for n in missing[:NAMED]])
                + ("" if len(missing) <= NAMED else " …")
            )
    return told
