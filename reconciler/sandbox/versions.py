"""What differs between the Stalwart versions that the sandbox can play: one table, nothing else.

Each field is a claim about the server, true or false.  What is the same in all versions does
not appear here.  Recorded answers of real servers win over source text, source text over
documentation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of Stalwart, as far as its management API can tell it from the others."""

    number: str
    product: str = "Stalwart Server"  # the name in the log
    quotes_itself: bool = True  # version = "0.15.5" in the log; 0.11.8 writes no quotes
    jmap_name: str = "Stalwart v1.0.0"  # a constant, but for 0.11.8

    # HTTP
    # WWW-Authenticate with a 401: "refused" for wrong or no credentials, "unreadable" for the rest.
    names_realms: Literal["never", "refused", "unreadable"] = "unreadable"
    titles_health: bool = True  # "title" in the answer of /healthz
    decodes_paths_as_forms: bool = False  # "+" in a path is a space, and "=" and "&" cut it
    has_session_path: bool = True  # /jmap/session, open to anyone; before: /.well-known/jmap, with login
    has_dav: bool = True
    has_scheduling: bool = True  # invitations and alarms
    has_groupware: bool = False  # JMAP for calendars, contacts and files; names of two permissions change

    # Principals
    writes_one_as_text: bool = False  # a list of one element is given as a string
    shows_empty_lists: bool = False  # "secrets": [] and "emails": [] on every principal
    sorts: bool = True  # stores one password and keeps the aliases in alphabetical order
    drops_bad_items: bool = True  # a non-string in a list of a POST is ignored; before: 400
    domain_after_last_at: bool = True
    limits_size: bool = True  # a principal of more than 100 kB is refused
    has_locale: bool = True
    has_deploy: bool = True  # POST /api/principal/deploy
    searches_words: bool = True  # filter= means whole words; before: any part of any text

    # Settings
    has_queue_routes: bool = True  # queue.route, queue.schedule and so on are written at the first boot
    reads_odd_keys: bool = True  # unquoted ":" and "/" in the keys of config.toml
    adds_local_keys: bool = True  # a custom set of local keys always has config.local-keys.*
    keeps_cluster_key: bool = False  # cluster.key belongs to the database

    # DNS
    https_services: tuple[str, ...] = ("jmap", "caldavs", "carddavs")


VERSIONS: Final = {
    version.number: version
    for version in (
        Version(
            number="0.11.8",
            product="Stalwart Mail Server",
            quotes_itself=False,
            jmap_name="Stalwart JMAP v0.11.8",
            names_realms="never",
            titles_health=False,
            decodes_paths_as_forms=True,
            has_session_path=False,
            has_dav=False,
            has_scheduling=False,
            writes_one_as_text=True,
            sorts=False,
            drops_bad_items=False,
            domain_after_last_at=False,
            limits_size=False,
            has_locale=False,
            has_deploy=False,
            searches_words=False,
            has_queue_routes=False,
            reads_odd_keys=False,
            adds_local_keys=False,
            keeps_cluster_key=True,
            https_services=("jmap",),
        ),
        Version(
            number="0.12.2",
            names_realms="refused",
            has_session_path=False,
            has_scheduling=False,
            shows_empty_lists=True,
            sorts=False,
            drops_bad_items=False,
            domain_after_last_at=False,
            limits_size=False,
            has_locale=False,
            has_deploy=False,
            has_queue_routes=False,
            reads_odd_keys=False,
            adds_local_keys=False,
        ),
        Version(
            number="0.13.4",
            shows_empty_lists=True,
            sorts=False,
            drops_bad_items=False,
        ),
        Version(number="0.15.5", has_groupware=True),
    )
}


def version_named(number: str) -> Version:
    """Return that row of the table.  Raises ValueError, naming the rows there are."""
    if number not in VERSIONS:
        raise ValueError(f"the sandbox cannot play Stalwart {number!r}, only {', '.join(VERSIONS)}")
    return VERSIONS[number]
