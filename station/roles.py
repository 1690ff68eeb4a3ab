"""Who a person is here, and which acts want a second person."""

from __future__ import annotations

import enum


class Role(enum.StrEnum):
    """What a person may do here; one role each, changed by an entry alone."""

    OPERATOR = "operator"
    """Petugas gudang: works at the warehouse's gates, out and in."""
    PACKER = "packer"
    """Pengemas: fills boxes, and signs as the second person at the warehouse."""
    RECEIVER = "receiver"
    """Penerima PPK: works at the gates of PPK, PPS and KPPS, in, on and back."""
    SUPERVISOR = "supervisor"
    """Penyelia: may do the work of every gate, and signs what went wrong."""
    OBSERVER = "observer"
    """Pengawas (Bawaslu, Panwascam, witnesses): reads numbers, histories and proofs;
    sees no names and no camera pictures, changes nothing."""
    ADMINISTRATOR = "administrator"
    """Pengelola: keeps accounts and the machine; has no part in custody."""


class Act(enum.StrEnum):
    """What only two people may do, the second by a PIN for this very act."""

    DEPART = "depart"
    """A consignment is closed at a loading gate."""
    COMPLETE = "complete"
    """A consignment is closed at an accepting gate."""
    CORRECT = "correct"
    """An entry is declared wrong."""
    CORRECT_TRIP = "correct_trip"
    """What was told of a trip that departed is put right."""
    CANCEL = "cancel"
    """A consignment is given up before it arrived."""
    RETRACT = "retract"
    """An arrival that was opened by mistake is taken back."""
    FOUND = "found"
    """A box turned up after its consignment was closed without it."""
    VOID = "void"
    """A label is taken out of use for good."""
