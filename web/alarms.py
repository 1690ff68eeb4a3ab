"""The alarms that every page shows in a bar while they last."""

from __future__ import annotations

from labels.papers.paper_pdf import form_name
from station.custody.gate import paper_forms
from web import auth, context
from web.wording import alarm_sentences

NAMED = 5
"""How many missing forms are named one by one."""


def now() -> list[str]:
    """The sentences of what is wrong with the station now."""
    sentences = [alarm_sentences.of_alarm(code) for code in context.services().alarms()]
    if auth.may("paper_fallback.page"):
        missing = paper_forms.known(context.db()).missing
        if missing:
            sentences.append(
                alarm_sentences.missing_forms([form_name(n) for n in missing[:NAMED]])
                + ("" if len(missing) <= NAMED else " …")
            )
    return sentences
