"""The names under which mail programs look for a file that sets them up.

Not DNS records of their own kind but web hosts with agreed names, so that a person types an
address and a password and nothing else.  Thunderbird and its kin fetch
`https://autoconfig.<domain>/mail/config-v1.1.xml` (draft-ietf-mailmaint-autoconfig); Outlook posts
to `https://autodiscover.<domain>/autodiscover/autodiscover.xml` (MS-OXDSCLI §3.1.5).  Stalwart
answers both on its own web port.  The names point at the mail host, whose certificate must then
hold them too: without that a program warns or, worse, asks for the password in clear text.
"""

from __future__ import annotations


def names(domain: str) -> tuple[str, str]:
    """Return the two names of a domain: for Thunderbird and its kin, and for Outlook."""
    return f"autoconfig.{domain}", f"autodiscover.{domain}"
