"""``jejak demo``: a made-up city and the play at its virtual gates.

The real station does everything else: the decoder reads the pictures, the rule
decides, the ledger records.
"""

from __future__ import annotations

from station.demo.city import LOGINS, give_accounts, prepare, visitor
from station.demo.demo_folder import folder, last
from station.demo.director import Director

__all__ = [
    "LOGINS",
    "Director",
    "folder",
    "give_accounts",
    "last",
    "prepare",
    "visitor",
]
