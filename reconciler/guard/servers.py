"""The server that answers is not the one that this stack was applied to."""

from __future__ import annotations

from reconciler.diff import Change
from reconciler.guard.context import WITH_FLAG, Context, Held
from reconciler.resource import Address

# What `--new-server` releases.
NEW_SERVER = Address("new-server", "")


def lost_server(change: Change, context: Context) -> Held | None:
    """Every change of a server that has neither our marks nor our domains, while the zone has our marks.

    A container that was started without its volume looks like this.  Filling it would hide that all
    mail is gone, and new keys would be published over those of the real one.
    """
    is_elsewhere = change.address.kind in ("record", "activation")
    if is_elsewhere or not context.is_server_lost or NEW_SERVER in context.desired.released:
        return None
    return Held(
        change=change,
        rule="lost-server",
        why=(
            "The zone carries this stack's marks, and the server has none of them and none of its domains. "
            "Is its volume mounted? Nothing is made on it until somebody says that it is a new one."
        ),
        release="--new-server",
        how=WITH_FLAG,
        releasable=False,
    )
