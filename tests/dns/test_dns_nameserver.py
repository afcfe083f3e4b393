"""The small name server answers as BIND does, from the same file, and makes a whole round without root."""

from __future__ import annotations

import subprocess

import cli
import named
import pytest

from reconciler.backends.dns import served
from reconciler.config.dns import NameServer as Where
from reconciler.sandbox.nameserver import NameServer, load_again

ZONE = """\
$TTL 1h
@        SOA   ns1 hostmaster 2026010101 1d 2h 4w 1h
         NS    ns1
ns1      A     203.0.113.2
www      A     203.0.113.20
www      A     203.0.113.21
shop     CNAME www
out      CNAME www.example.net.
deep.er  TXT   "two labels"
*.wild   TXT   "any of them"
lab      NS    ns.lab
ns.lab   A     203.0.113.53
big      TXT   ( "{x}" "{x}" "{x}" )
$GENERATE 1-3 host$ A 10.0.0.$
""".format(x="x" * 250)


@pytest.fixture
def zonefile(tmp_path):
    path = tmp_path / "db.example.org"
    path.write_text(ZONE)
    return path


@pytest.fixture
def small(zonefile):
    server = NameServer("example.org", str(zonefile))
    server.start()
    yield Where(host="127.0.0.1", port=server.port)
    server.stop()


@pytest.fixture
def bind(zonefile, tmp_path):
    with named.running(tmp_path / "named", [named.primary("example.org", zonefile)]) as server:
        yield Where(host="127.0.0.1", port=server.port)


QUESTIONS = [
    *(("example.org.", kind) for kind in ("SOA", "NS", "MX", "A")),
    *((name, "A") for name in ("www", "shop", "out", "host2", "host9", "er", "none.er", "nothing", "ns.lab")),
    *((name, "TXT") for name in ("deep.er", "a.wild", "a.b.wild", "wild", "big", "www")),
    *((name, "CNAME") for name in ("shop", "www")),
    *((name, "NS") for name in ("lab", "x.lab")),
    ("www.example.net.", "A"),
    ("www", "TYPE65280"),
]


@pytest.mark.parametrize(("name", "rrtype"), QUESTIONS, ids=" ".join)
def test_it_answers_as_bind_does(small, bind, name, rrtype):
    owner = name if name.endswith(".") else f"{name}.example.org."

    assert served.ask(small, owner, rrtype) == served.ask(bind, owner, rrtype)
    assert served.ask(small, owner, rrtype, tcp_only=True) == served.ask(bind, owner, rrtype, tcp_only=True)


def test_it_reads_its_file_again_when_it_is_told(small, zonefile):
    zonefile.write_text(ZONE + "new A 203.0.113.9\n")
    assert served.ask(small, "new.example.org.", "A").values == frozenset()

    assert load_again("example.org", small.port)
    assert served.ask(small, "new.example.org.", "A").values == {"203.0.113.9"}


def test_a_file_that_it_cannot_load_leaves_the_old_zone_in_service(small, zonefile):
    zonefile.write_text(ZONE + 'broken TXT "never closed\n')

    assert not load_again("example.org", small.port)
    assert served.ask(small, "shop.example.org.", "CNAME").values == {"www.example.org."}


def test_what_is_no_question_gets_no_answer(zonefile):
    server = NameServer("example.org", str(zonefile))

    assert server.answer(b"nonsense", is_datagram=True) is None
    for listener in server._servers:
        listener.server_close()


def test_the_command_serves_a_zone_for_a_whole_round(unserved):
    command = [*cli.COMMAND, "sandbox"]
    zone = f"example.org={unserved.zonefile}"
    with subprocess.Popen(
        [*command, "--port", "0", "--dns-port", "0", "--zone", zone],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            line = process.stdout.readline()
            assert line.startswith("Zone example.org on 127.0.0.1:")
            server = line.split()[3].rstrip(",")
            port = server.rpartition(":")[2]
            unserved.records(
                ("api", "A", "203.0.113.30"),
                servers=[server],
                reload=[*command, "--reload", "--zone", "{zone}", "--dns-port", port],
            )

            assert unserved.apply().code == 0
            assert unserved.plan("--detailed-exitcode").code == 0
            answer = served.ask(Where(host="127.0.0.1", port=int(port)), "api.example.org.", "A")
            assert answer.values == {"203.0.113.30"}
        finally:
            process.terminate()
