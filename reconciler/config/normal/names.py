"""Domains, host names and addresses in their one form: lower-case, A-labels, no final dot.

Each function takes what a person wrote and returns that form, or raises UnfitError with
what is wrong and what to write instead.
"""

from __future__ import annotations

import ipaddress
import re

from reconciler.config.faults import UnfitError

LOCAL_MAX = 64  # octets, RFC 5321 section 4.5.3.1.1
ADDRESS_MAX = 254  # octets: a path of 256 (section 4.5.3.1.3) without its angle brackets
DOMAIN_MAX = 253  # octets, RFC 1035 section 2.3.4, without the final dot

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_DOMAIN = re.compile(rf"(?:{_LABEL.pattern}\.)+{_LABEL.pattern}")
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_CONTAINER_ID = re.compile(r"[0-9a-f]{12}|[0-9a-f]{64}")
_OWNER = re.compile(r"(?:(?:\*|[a-z0-9_/-]{1,63})\.)*(?:\*|[a-z0-9_/-]{1,63})")
# Names that no other mail server can look up: RFC 6761, RFC 6762, RFC 8375 and common habits.
_PRIVATE = (".local", ".lan", ".internal", ".localhost", ".localdomain", ".home.arpa")


def domain(text: str) -> str:
    """Return a mail domain: a host name with at least two labels."""
    name = _ascii(text, "domain")
    if _DOMAIN.fullmatch(name) and not name.rpartition(".")[2].isdigit():
        return name
    raise UnfitError("not a domain", f"{_why_no_domain(name)}  Write it like example.org.", "domain")


def _ascii(text: str, rule: str) -> str:
    """Return a name in lower case, each label that is not ASCII as its A-label (IDNA 2008)."""
    name = text.lower().removesuffix(".")
    if len(name) > DOMAIN_MAX:
        raise UnfitError("not a domain", f"It is longer than {DOMAIN_MAX} signs.", rule)
    if name.isascii() and "xn--" not in name:
        return name
    import idna

    try:
        encoded = idna.encode(name, uts46=True).decode("ascii")
        idna.decode(encoded)
    except (idna.IDNAError, UnicodeError):
        pass
    else:
        return encoded
    raise UnfitError(
        "not a domain", "It has signs that no internationalised domain may have (IDNA 2008).", rule
    )


def _why_no_domain(name: str) -> str:
    labels = name.split(".")
    if _is_ip(name):
        return "This is an IP address."
    if "@" in name:
        return "This is an address, and a domain is what stands after the @."
    if "_" in name:
        return "A domain that receives mail has no underscore."
    if "" in labels:
        return "Two dots without anything between them, or a dot at the beginning."
    if len(labels) == 1:
        return "A domain has at least one dot."
    if any(len(label) > 63 for label in labels):
        return "A part between two dots is longer than 63 signs."
    if labels[-1].isdigit():
        return "The last part is a number."
    return "It has only letters, digits, dots and hyphens, and no hyphen beside a dot."


def hostname(text: str) -> str:
    """Return the name by which the mail server is known to others (RFC 5321 section 2.3.5)."""
    name = text.lower().removesuffix(".")
    why = _why_no_hostname(name)
    if not why:
        try:
            return domain(text)
        except UnfitError:
            why = _why_no_domain(name)
    detail = (
        f"{why}  Other servers check this name and refuse mail when it is wrong.  "
        "Write a name that has an address in public DNS, such as mail.example.org."
    )
    raise UnfitError("not a public host name", detail, "hostname")


def _why_no_hostname(name: str) -> str:
    first = name.partition(".")[0]
    if _CONTAINER_ID.fullmatch(first):
        return "This is the id of a container, which the server uses when nobody gives it a name."
    if name == "localhost" or name.endswith(_PRIVATE):
        return "This name means something on your own network only."
    if "." not in name and name:
        return "A host name has at least one dot."
    if "_" in name:
        return "A host name has no underscore."
    return ""


def host(text: str) -> str:
    """Return the name of any host, such as the target of an MX record; underscores are no part of it."""
    name = _ascii(text, "host")
    if not (_DOMAIN.fullmatch(name) or _LABEL.fullmatch(name)):
        raise UnfitError(
            "not a host name", f"{_why_no_domain(name)}  Write it like mail.example.org.", "host"
        )
    return name


def owner(text: str, home: str) -> str:
    """Return the absolute name of a DNS record that stands in the entry of the domain `home`."""
    if text in ("@", ""):
        return home
    absolute = text.endswith(".")
    name = _ascii(text, "record-name")
    if not absolute:
        name = f"{name}.{home}"
    if not _OWNER.fullmatch(name) or len(name) > DOMAIN_MAX:
        detail = 'Write a name such as www, "@" for the domain itself, or a whole name with a final dot.'
        raise UnfitError("not a record's name", detail, "record-name")
    return name


def address(text: str, home: str) -> str:
    """Return a whole mail address; a bare name takes the domain `home`, which is in its one form.

    A choice: quoted local parts and those outside ASCII (RFC 6531) are refused.  Hardly any
    server takes them, and Stalwart compares them by bytes.
    """
    local, at, written = text.rpartition("@")
    if not at:
        local, name = text.lower(), home
    else:
        local, name = local.lower(), _domain_of(written, home)
    if not _LOCAL.fullmatch(local) or len(local) > LOCAL_MAX:
        raise UnfitError("not a mail address", _why_no_local(local, at), "address")
    whole = f"{local}@{name}"
    if len(whole) > ADDRESS_MAX:
        raise UnfitError("not a mail address", f"It is longer than {ADDRESS_MAX} signs.", "address")
    return whole


def _domain_of(written: str, home: str) -> str:
    if written == home:
        return home
    try:
        return domain(written)
    except UnfitError as error:
        detail = f"What stands after the @ is no domain.  {error.told[1]}"
    raise UnfitError("not a mail address", detail, "address")


def _why_no_local(local: str, at: str) -> str:
    hint = "  Write a name such as alice, or a whole address such as alice@example.org."
    if not local:
        if at:
            return "There is no name before the @.  For all names of a domain, write catch_all: alice."
        return "It is empty." + hint
    if "<" in local:
        return "Write the address alone, without a name and without angle brackets."
    if len(local) > LOCAL_MAX:
        return f"The name before the @ is longer than {LOCAL_MAX} signs (RFC 5321)."
    if "@" in local:
        return "There is more than one @." + hint
    if '"' in local:
        return "Names in quotes are not supported." + hint
    if not local.isascii():
        return "A name has ASCII signs only; other letters may stand in the domain." + hint
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return "A dot stands between two other signs, not at the begin or the end, and not twice." + hint
    return "A name has no spaces and none of these signs: ( ) , : ; < > [ ] \\" + hint


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
