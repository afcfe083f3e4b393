"""The JMAP session: what a client asks to learn which generation of Stalwart it talks to.

0.16 answers with the capability `urn:stalwart:jmap`; these versions never do.
"""

from __future__ import annotations

from typing import Final

from reconciler.sandbox.access import Caller
from reconciler.sandbox.versions import Version

_URN: Final = "urn:ietf:params:jmap:"
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz792013"  # of the server's base 32
_SORTED_BY: Final = (
    "receivedAt size from to subject sentAt hasKeyword allInThreadHaveKeyword someInThreadHaveKeyword"
)
_GROUPWARE: Final = (
    "calendars calendars:parse contacts contacts:parse filenode principals principals:availability"
)
_SIEVE: Final = (
    "body comparator-elbonia comparator-i;ascii-casemap comparator-i;ascii-numeric comparator-i;octet "
    "convert copy date duplicate editheader enclose encoded-character enotify envelope envelope-deliverby "
    "envelope-dsn environment ereject extlists extracttext fcc fileinto foreverypart ihave imap4flags "
    "imapsieve include index mailbox mailboxid mboxmetadata mime redirect-deliverby redirect-dsn regex "
    "reject relational replace servermetadata spamtest spamtestplus special-use subaddress vacation "
    "vacation-seconds variables virustest"
)


def session(version: Version, host: str, port: int, caller: Caller | None) -> dict[str, object]:
    """Return the session resource; without a caller it names no account."""
    base = f"{host}:{port}/jmap/"
    capabilities = _capabilities(version, f"ws://{base}ws")
    accounts: dict[str, object] = {}
    primary: dict[str, str] = {}
    name = ""
    if caller:
        name = caller.principal.name if caller.principal else "Fallback Administrator"
        number = _account_id(caller.principal.id if caller.principal else 2**32 - 1)
        own = {_URN + key: value for key, value in _account(version, number).items()}
        accounts[number] = {
            "name": name,
            "isPersonal": True,
            "isReadOnly": False,
            "accountCapabilities": own,
        }
        primary = dict.fromkeys(own if version.has_groupware else capabilities, number)
    parameters = "types={types}&closeafter={closeafter}&ping={ping}"
    return {
        "capabilities": capabilities,
        "accounts": accounts,
        "primaryAccounts": primary,
        "username": name,
        "apiUrl": f"http://{base}",
        "downloadUrl": f"http://{base}download/{{accountId}}/{{blobId}}/{{name}}?accept={{type}}",
        "uploadUrl": f"http://{base}upload/{{accountId}}/",
        "eventSourceUrl": f"http://{base}eventsource/?{parameters}",
        "state": "0",
    }


def _account_id(number: int) -> str:
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 32)
        digits = _ALPHABET[digit] + digits
    return digits


def _capabilities(version: Version, websocket: str) -> dict[str, object]:
    core = {
        "maxSizeUpload": 50_000_000,
        "maxConcurrentUpload": 4,
        "maxSizeRequest": 10_000_000,
        "maxConcurrentRequests": 4,
        "maxCallsInRequest": 16,
        "maxObjectsInGet": 500,
        "maxObjectsInSet": 500,
        "collationAlgorithms": ["i;ascii-numeric", "i;ascii-casemap", "i;unicode-casemap"],
    }
    return {
        _URN + "core": core,
        _URN + "mail": {},
        **{_URN + key: {} for key in _GROUPWARE.split() if version.has_groupware},
        _URN + "submission": {},
        _URN + "vacationresponse": {},
        _URN + "sieve": {"implementation": version.jmap_name},
        _URN + "blob": {},
        _URN + "quota": {},
        _URN + "websocket": {"url": websocket, "supportsPush": True},
    }


def _account(version: Version, number: str) -> dict[str, object]:
    extensions: dict[str, list[str]] = {
        **{name: [] for name in ("FUTURERELEASE", "SIZE", "DSN", "DELIVERYBY", "REQUIRETLS")},
        "MT-PRIORITY": ["MIXER"],
    }
    return {
        "mail": {
            "maxMailboxesPerEmail": None,
            "maxMailboxDepth": 10,
            "maxSizeMailboxName": 255,
            "maxSizeAttachmentsPerEmail": 50_000_000,
            "emailQuerySortOptions": _SORTED_BY.split(),
            "mayCreateTopLevelMailbox": True,
        },
        "submission": {"maxDelayedSend": 2_592_000, "submissionExtensions": extensions},
        "vacationresponse": {},
        "sieve": {
            "maxSizeScriptName": 512,
            "maxSizeScript": 1_048_576,
            "maxNumberScripts": 100 if version.has_groupware else 256,
            "maxNumberRedirects": 1,
            "sieveExtensions": _SIEVE.split(),
            "notificationMethods": ["mailto"],
            "externalLists": None,
        },
        "blob": {
            "maxSizeBlobSet": 7_499_488,
            "maxDataSources": 16,
            "supportedTypeNames": ["Email", "Thread", "SieveScript"],
            "supportedDigestAlgorithms": ["sha", "sha-256", "sha-512"],
        },
        "quota": {},
        **(_groupware(number) if version.has_groupware else {}),
    }


def _groupware(number: str) -> dict[str, object]:
    return {
        "contacts": {"maxAddressBooksPerCard": None, "mayCreateAddressBook": True},
        "contacts:parse": {},
        "calendars": {
            "maxCalendarsPerEvent": None,
            "minDateTime": "0001-01-01T00:00:00Z",
            "maxDateTime": "65534-12-31T23:59:59Z",
            "maxExpandedQueryDuration": "P52W1D",
            "maxParticipantsPerEvent": 20,
            "mayCreateCalendar": True,
        },
        "calendars:parse": {},
        "websocket": {},
        "principals": {"currentUserPrincipalId": number},
        "principals:availability": {"maxAvailabilityDuration": "P52W1D"},
        "filenode": {
            "maxFileNodeDepth": None,
            "maxSizeFileNodeName": 255,
            "fileNodeQuerySortOptions": [],
            "mayCreateTopLevelFileNode": True,
        },
    }
