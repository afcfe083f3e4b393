"""What mail will be like after a plan: the faults that it mends, leaves as they were, or would bring.  Pure.

states   the state that was read and the one after the changes, as scenes for the rules of lint
causes   which change brings a fault
judging  both together: what a person is told, and what is held

A change that brings an error is held like any other dangerous change: the rest of the plan goes on.
"""

from __future__ import annotations

from reconciler.outlook.judging import Basis, Outlook, outlook

__all__ = ["Basis", "Outlook", "outlook"]
