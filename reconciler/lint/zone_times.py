"""Rules about the numbers in zone files: the serial, the times of the SOA, the TTLs."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from typing import Final

from reconciler.lint.lines import Line, bare
from reconciler.lint.refused import by_zone
from reconciler.lint.rule import Check, Found
from reconciler.lint.scene import Scene

_TTL_LEAST: Final = 60
_TTL_MOST: Final = 604_800
_HABIT: Final = 4  # sets of records
_TTL_FIX: Final = "leave it out, so that $TTL counts, or write 3600"
_WEEK: Final = 604_800
_DAY: Final = 86_400

# Their serials count from two thousand million.
_COUNTS: Final = re.compile(r"\.ns\.cloudflare\.com\.\Z")

_DATE_SERIAL: Final = re.compile(r"(20[0-9]{2})([0-9]{2})([0-9]{2})[0-9]{2}")


def serial_style(scene: Scene) -> Iterator[Found]:
    """ZONE-09: A serial that looks like a date is one.

    Severity: warning
    Looks at: zone file

    A serial of ten digits such as 2026082301 is year, month, day and a counter. One whose month or day
    does not exist was mistyped; where neither does, it is no date.

    Why: Serials only grow: after 2026832301 every real date is smaller, and secondaries no longer take
    the zone.

    Fix: Let mailstack count on from it, or reset it in the two steps of RFC 1912.

    Source: RFC 1912 §2.2, RFC 1982 §3.2
    """
    for zone in scene.zones:
        found = _DATE_SERIAL.fullmatch(str(zone.serial))
        soa = next(iter(scene.at(zone.name, "SOA")), None)
        if found is None or (soa is not None and _COUNTS.search(soa.value.split(" ")[0])):
            continue
        year, month, day = map(int, found.groups())
        is_month = 1 <= month <= 12
        is_day = 1 <= day <= (calendar.monthrange(year, month)[1] if is_month else 31)
        # Where neither exists it is no date that was mistyped, but a counter.
        if is_month != is_day:
            yield Found(
                text=f"the serial {zone.serial} looks like a date, and {found[1]}-{found[2]}-{found[3]} is none",
                fix="count on from it; a real date is smaller, and secondaries would not take the zone",
                name=bare(zone.name),
                where=soa.where if soa else None,
            )


def soa_timers(scene: Scene) -> Iterator[Found]:
    """ZONE-10: The times of the SOA fit together.

    Severity: warning
    Looks at: zone file

    Retry is shorter than refresh, expire longer than both together and at least a week, and the last
    number, how long a missing name is remembered, at most a day.

    Why: With a short expire the secondaries stop answering soon after the primary is gone. With a long
    last number a record that is added today is not seen until tomorrow.

    Fix: Usual are `7200 3600 1209600 3600`.

    Source: RFC 1912 §2.2, RFC 2308 §5
    """
    for zone in scene.zones:
        for line in scene.at(zone.name, "SOA"):
            numbers = line.value.split()[3:]
            if len(numbers) != 4 or not all(number.isdigit() for number in numbers):
                continue
            wrong = _timers(*map(int, numbers))
            if wrong:
                yield Found(
                    text=f"SOA of {bare(zone.name)}: {', '.join(wrong)}",
                    fix="usual are: 7200 3600 1209600 3600",
                    name=bare(zone.name),
                    where=line.where,
                )


def _timers(refresh: int, retry: int, expire: int, minimum: int) -> list[str]:
    wrong = []
    if retry >= refresh:
        wrong.append(f"retry {retry} is not shorter than refresh {refresh}")
    if expire <= refresh + retry:
        wrong.append(f"expire {expire} is not longer than refresh and retry together")
    elif expire < _WEEK:
        wrong.append(f"expire {expire} is less than a week")
    if minimum > _DAY:
        wrong.append(f"a missing name is remembered for {minimum} seconds, more than a day")
    return wrong


def responsible(scene: Scene) -> Iterator[Found]:
    """ZONE-11: The SOA's mailbox is written with dots.

    Severity: warning
    Looks at: zone file

    The second name of the SOA is a mail address whose @ is written as a dot, and a dot before the @ as
    `\\.`: first\\.last.example.org.

    Why: With an @ in it nobody can reach whoever is responsible for the zone.

    Fix: hostmaster.example.org.

    Source: RFC 1035 §3.3.13, RFC 1912 §2.2
    """
    for zone in scene.zones:
        for line in scene.at(zone.name, "SOA"):
            words = line.value.split()
            if len(words) > 1 and "@" in words[1]:
                yield Found(
                    text=f"SOA of {bare(zone.name)}: the mailbox is written with an @, so that it is no address",
                    fix=f"hostmaster.{zone.name}",
                    name=bare(zone.name),
                    where=line.where,
                )


def times_to_live(scene: Scene) -> Iterator[Found]:
    """ZONE-12: The records of one set have one TTL, and a sensible one.

    Severity: warning
    Looks at: zone file

    All records of a name and type have the same TTL, between a minute and a week.

    Why: Resolvers make one TTL of several, each its own way. A very short one is asked for all day; a
    very long one keeps a mistake alive for as long.

    Fix: Leave the TTL out, so that `$TTL` counts, or write the same on every line.

    Source: RFC 2181 §5.2, RFC 1912 §2.2
    """
    for zone in scene.zones:
        sets: dict[tuple[str, str], list[Line]] = {}
        for line in zone.lines:
            if line.type not in ("SOA", "RRSIG"):
                sets.setdefault((line.owner, line.type), []).append(line)
        odd: dict[int, list[Line]] = {}
        for (owner, rrtype), lines in sets.items():
            seconds = {line.ttl for line in lines if line.ttl is not None}
            if len(seconds) > 1:
                text = f"{bare(owner)} {rrtype} has the TTLs {' and '.join(map(str, sorted(seconds)))}: one set has one"
                yield Found(text=text, fix=_TTL_FIX, name=bare(owner), where=lines[-1].where)
                continue
            for ttl in seconds:
                if ttl and not _TTL_LEAST <= ttl <= _TTL_MOST:
                    odd.setdefault(ttl, []).append(lines[-1])
        for ttl, lines in odd.items():
            yield from _odd(zone.name, ttl, lines)


def _odd(zone: str, ttl: int, sets: list[Line]) -> Iterator[Found]:
    """Yield what is told of an odd TTL; once for a file in which it is a habit, as in exports of some hosts."""
    length = "under a minute" if ttl < _TTL_LEAST else "more than a week"
    if len(sets) >= _HABIT:
        text = f"{len(sets)} sets of records have the TTL {ttl}, {length}; the first is {bare(sets[0].owner)} {sets[0].type}"
        yield Found(text=text, fix=_TTL_FIX, name=bare(zone), where=sets[0].where)
        return
    for line in sets:
        text = f"{bare(line.owner)} {line.type} has the TTL {ttl}, {length}"
        yield Found(text=text, fix=_TTL_FIX, name=bare(line.owner), where=line.where)


def no_ttl(scene: Scene) -> Iterator[Found]:
    """ZONE-13: Every record has a TTL that can be read.

    Severity: error
    Looks at: zone file

    A `$TTL` stands above the first record, and times are seconds or numbers with units: 3600, 1h, 1h30m.

    Why: Without one the name server refuses the zone, or takes 0 and is asked every time.

    Fix: Write `$TTL 3600` as the first line.

    Source: RFC 2308 §4, RFC 2181 §8
    """
    yield from by_zone(scene, "ZONE-13")


RULES: Final[tuple[Check, ...]] = (
    serial_style,
    soa_timers,
    responsible,
    times_to_live,
    no_ttl,
)
