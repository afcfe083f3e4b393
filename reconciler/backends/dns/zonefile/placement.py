"""Where a new record stands: where a person would look for it, and where it changes no other record."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.dnsdata import names

from .scan import Inherited, Scan


def anchor_for(scan: Scan, owner: str, rrtype: str, ttl: int | None) -> int:
    """Return the record behind whose line a new one goes.

    ttl is the TTL that the new line has to write, None when it writes none.
    """
    return _settled(scan, next(_places(scan, owner, rrtype)), owner, ttl)


def _places(scan: Scan, owner: str, rrtype: str) -> Iterator[int]:
    """Yield places, best first: same set, same name, a sister of the type, the type, the end of the block."""
    yield from scan.find(owner, rrtype)[-1:]
    yield from scan.of(owner)[-1:]
    block = _block(scan, owner)
    same_type = scan.of_type(rrtype)
    family = "." + names.parent(owner)
    for index in reversed(same_type):
        sister = scan.owners[index].removesuffix(family)
        if "." not in sister and _is_in(block, index):
            yield index
    yield from (index for index in reversed(same_type) if _is_in(block, index))
    yield block[-1].stop - 1


def _block(scan: Scan, owner: str) -> list[range]:
    """Return the records under the $ORIGIN that is nearest above the name, as ranges of their indices."""
    begins = [scan.index_at(line) for line, _ in scan.origins]
    ranges: dict[str, list[range]] = {}
    for (_, origin), begin, end in zip(scan.origins, begins, [*begins[1:], len(scan.owners)], strict=True):
        if begin < end:
            ranges.setdefault(origin, []).append(range(begin, end))
    above = [origin for origin in ranges if names.is_under(owner, origin)]
    return ranges[max(above or ranges, key=len)]


def _is_in(block: list[range], index: int) -> bool:
    return any(index in part for part in block)


def _settled(scan: Scan, index: int, owner: str, ttl: int | None) -> int:
    """Return the first place from here on where the new line may stand."""
    while not may_stand_behind(scan, index, owner, ttl):
        index += 1
    return index


def may_stand_behind(scan: Scan, index: int, owner: str, ttl: int | None) -> bool:
    """Say whether a new line behind a record changes nothing for the lines behind it.

    A blank owner there would become the new one; without a $TTL, so would a missing TTL.
    """
    if index == len(scan.owners) - 1:
        return True
    takes_owner = scan.is_blank_owner(index + 1) and scan.owners[index] != owner
    return not takes_owner and not _takes_ttl(scan, index, ttl)


def _takes_ttl(scan: Scan, index: int, ttl: int | None) -> bool:
    """Say whether a TTL written behind a record would be inherited by what follows."""
    if ttl is None or ttl == scan.ttls[index]:
        return False
    if scan.default_at(scan.lines[index]) not in (Inherited.CHAIN, Inherited.UNSURE):
        return False
    if scan.default_at(scan.lines[index + 1]) not in (Inherited.CHAIN, Inherited.UNSURE):
        return False
    return scan.fields(index + 1).ttl is None
