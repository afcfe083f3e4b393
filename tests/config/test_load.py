"""What a file says, in the one form that the rest of the program reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.config.dns import NameServer, Place, Record, Ssh
from reconciler.config.load import Loaded, load, load_bytes
from reconciler.config.secrets import FromCommand, FromEnv, FromFile, Given, Secret
from reconciler.config.stack import Account, Alias, Group, Ignore, MailList, Stalwart, Tls
from reconciler.errors import InputError
from reconciler.resource import UNSET, Address

HEAD = "version: 1\ndomain: example.org\n"
Load = Callable[[str], Loaded]


def test_a_stack_needs_a_version_and_a_domain_only(loaded: Load) -> None:
    stack = loaded(HEAD).stack
    assert ("example.org", "/srv/mail/f.yaml", "/srv/mail", 1) == (
        stack.name,
        stack.file,
        stack.base,
        stack.version,
    )
    assert ["example.org"] == list(stack.domains)
    assert (None, None, None, (), {}) == (
        stack.hostname,
        stack.stalwart,
        stack.tls,
        stack.removed,
        stack.settings,
    )


def test_what_an_account_does_not_name_is_unset(loaded: Load) -> None:
    account = loaded(HEAD + "accounts: {alice: }\n").stack.domain.accounts["alice@example.org"]
    assert Account(address="alice@example.org") == account
    assert {UNSET} == {
        account.name,
        account.password,
        account.quota,
        account.enabled,
        account.admin,
        account.login,
    }


def test_an_account_is_typed_by_the_schema(loaded: Load) -> None:
    text = HEAD + (
        "accounts:\n"
        "  007:\n"
        '    name: "No"\n'
        "    password: {env: BOND, revision: 2}\n"
        "    quota: none\n"
        "    enabled: no\n"
        "    admin: ON\n"
        "    login: James\n"
        "    renamed_from: Jimmy\n"
        "    aliases: []\n"
    )
    expected = Account(
        address="007@example.org",
        name="No",
        password=FromEnv(env="BOND"),
        revision=2,
        quota=None,
        enabled=False,
        admin=True,
        login="james",
        renamed_from="jimmy@example.org",
        aliases_declared=True,
    )
    assert expected == loaded(text).stack.domain.accounts["007@example.org"]


def test_aliases_are_one_thing_wherever_they_are_written(loaded: Load) -> None:
    text = HEAD + "accounts: {Alice: {aliases: [Postmaster]}}\naliases: {INFO: alice@EXAMPLE.org.}\n"
    domain = loaded(text).stack.domain
    expected = {
        "postmaster@example.org": Alias(address="postmaster@example.org", target="alice@example.org"),
        "info@example.org": Alias(address="info@example.org", target="alice@example.org"),
    }
    assert expected == domain.aliases


def test_an_address_of_another_domain_is_filed_there(loaded: Load) -> None:
    text = HEAD + (
        "domains: {example.net: {}}\n"
        "accounts:\n"
        "  alice: {aliases: [alice@example.net]}\n"
        "  bob@example.net: {aliases: [b]}\n"
    )
    stack = loaded(text).stack
    assert {"alice@example.org"} == set(stack.domains["example.org"].accounts)
    assert {"bob@example.net"} == set(stack.domains["example.net"].accounts)
    assert {"alice@example.net", "b@example.net"} == set(stack.domains["example.net"].aliases)


def test_members_elsewhere_are_told_apart(loaded: Load) -> None:
    text = HEAD + (
        "accounts: {alice: {}, bob: {}}\n"
        "lists: {team: {name: Team, members: [sales, x@example.net, Alice]}}\n"
        "groups: {sales: {members: [bob], quota: 20GiB}}\n"
    )
    domain = loaded(text).stack.domain
    expected = MailList(
        address="team@example.org",
        name="Team",
        members=("sales@example.org", "alice@example.org"),
        externals=("x@example.net",),
    )
    assert expected == domain.lists["team@example.org"]
    sales = Group(address="sales@example.org", members=("bob@example.org",), quota=20 * 2**30)
    assert sales == domain.groups["sales@example.org"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [("", UNSET), ("catch_all: none\n", None), ("catch_all: Alice\n", "alice@example.org")],
    ids=["not named", "none", "an account"],
)
def test_a_catch_all_is_unset_none_or_an_account(line: str, expected: object, loaded: Load) -> None:
    assert expected == loaded(HEAD + "accounts: {alice: {}}\n" + line).stack.domain.catch_all


def test_domains_are_a_labels_and_the_main_one_is_first(loaded: Load) -> None:
    text = "version: 1\ndomain: BÜCHER.example.\nhostname: Mail.Bücher.Example\ndomains: {a.example: {}}\n"
    stack = loaded(text).stack
    assert ["xn--bcher-kva.example", "a.example"] == list(stack.domains)
    assert "mail.xn--bcher-kva.example" == stack.hostname
    assert "xn--bcher-kva.example" == stack.name


def test_how_to_reach_the_server_is_made_whole(loaded: Load) -> None:
    text = HEAD + (
        "stalwart:\n"
        "  url: HTTPS://Mail.Example.org:8443/\n"
        "  username: admin\n"
        "  password: {command: [sops, -d, s.yaml], key: admin}\n"
        "  config: etc/config.toml\n"
        "  restart: [docker, restart, stalwart]\n"
        "  timeout: 2m\n"
        "  container: stalwart\n"
        "  verify: ca.pem\n"
    )
    expected = Stalwart(
        url="https://mail.example.org:8443",
        username="admin",
        password=FromCommand(command=("sops", "-d", "s.yaml"), key="admin"),
        config=Place(path="/srv/mail/etc/config.toml"),
        restart=("docker", "restart", "stalwart"),
        timeout=120,
        container="stalwart",
        verify="/srv/mail/ca.pem",
    )
    assert expected == loaded(text).stack.stalwart


def test_paths_behind_ssh_stay_as_they_are_there(loaded: Load) -> None:
    text = (
        HEAD
        + "stalwart: {url: 'http://[::1]:8080', via: 'ssh://root@tower:2222', config: /etc/c.toml, verify: no}\n"
    )
    expected = Stalwart(
        url="http://[::1]:8080",
        via=Ssh(host="tower", user="root", port=2222),
        config=Place(path="/etc/c.toml"),
        verify=False,
    )
    assert expected == loaded(text).stack.stalwart
    assert "ssh://root@tower:2222" == str(Ssh(host="tower", user="root", port=2222))


def test_dns_is_made_absolute(loaded: Load) -> None:
    text = HEAD + (
        "dns:\n"
        "  zonefile: {container: bind9, path: /var/lib/bind/db.example.org}\n"
        "  servers: [127.0.0.1, '[::1]:5353', 'ns.example.net:54', bind]\n"
        "  ttl: 1h30m\n"
        "  addresses: ['2001:DB8:0::10', 203.0.113.10]\n"
        "  records:\n"
        "    - {name: WWW, type: a, value: 203.0.113.20, ttl: 300}\n"
        "    - {name: '@', type: TXT, value: '\"x y\"'}\n"
        "    - {name: '*.a.example.org.', type: type65280, value: '\\# 0'}\n"
        "    - {name: _dmarc.sub, type: TXT, value: 5}\n"
    )
    dns = loaded(text).stack.domain.dns
    assert (True, "example.org", 5400, 10) == (dns.declared, dns.zone, dns.ttl, dns.timeout)
    assert Place(path="/var/lib/bind/db.example.org", container="bind9") == dns.zonefile
    assert ("2001:db8::10", "203.0.113.10") == dns.addresses
    expected = (
        NameServer(host="127.0.0.1"),
        NameServer(host="::1", port=5353),
        NameServer(host="ns.example.net", port=54),
        NameServer(host="bind"),
    )
    assert expected == dns.servers
    records = (
        Record(name="www.example.org", type="A", value="203.0.113.20", ttl=300),
        Record(name="example.org", type="TXT", value='"x y"'),
        Record(name="*.a.example.org", type="TYPE65280", value="\\# 0"),
        Record(name="_dmarc.sub.example.org", type="TXT", value="5"),
    )
    assert records == dns.records


def test_a_certificate_is_asked_for_with_whole_addresses(loaded: Load) -> None:
    text = (
        HEAD + "tls: {acme: letsencrypt-staging, contact: [postmaster, x@example.net], renew_before: 30d}\n"
    )
    expected = Tls(
        acme="letsencrypt-staging",
        directory="https://acme-staging-v02.api.letsencrypt.org/directory",
        contact=("postmaster@example.org", "x@example.net"),
        challenge="tls-alpn-01",
        renew_before=2592000,
    )
    assert expected == loaded(text).stack.tls


def test_an_authority_may_be_any_with_its_directory(loaded: Load) -> None:
    text = (
        HEAD
        + "tls: {acme: home, directory: 'https://ca.example.org/dir', contact: a, domains: Mail.example.org}\n"
    )
    tls = loaded(text).stack.tls
    assert tls
    assert ("home", "https://ca.example.org/dir", ("mail.example.org",)) == (
        tls.acme,
        tls.directory,
        tls.domains,
    )


def test_allowed_ips_are_canonical(loaded: Load) -> None:
    text = HEAD + "allowed_ips: [203.0.113.10/32, 192.168.128.0/255.255.255.0, '2001:DB8::/32', '::1/128']\n"
    assert ("203.0.113.10", "192.168.128.0/24", "2001:db8::/32", "::1") == loaded(text).stack.allowed_ips


def test_settings_are_texts_or_say_where_their_secret_lies(loaded: Load) -> None:
    text = HEAD + (
        "settings:\n"
        "  a.b: 50\n"
        "  a.c: no\n"
        '  a.d: ""\n'
        "  a.e: |\n    two\n    lines\n"
        "  a.f: {env: X}\n"
        "  a.g: {file: y}\n"
        "  a.h: {text: z}\n"
    )
    expected = {
        "a.b": "50",
        "a.c": "no",
        "a.d": "",
        "a.e": "two\nlines\n",
        "a.f": FromEnv(env="X"),
        "a.g": FromFile(file="y"),
        "a.h": "z",
    }
    assert expected == loaded(text).stack.settings


@pytest.mark.parametrize(
    "written",
    ["$6$salt$hash", "{hash: $6$salt$hash}", "'{SSHA}aGFzaA=='", "{hash: '{SSHA}aGFzaA==', revision: 3}"],
)
def test_a_hash_may_stand_in_the_file(written: str, loaded: Load) -> None:
    account = loaded(HEAD + f"accounts: {{a: {{password: {written}}}}}\n").stack.domain.accounts[
        "a@example.org"
    ]
    hashed = "$6$salt$hash" if "$6$" in written else "{SSHA}aGFzaA=="
    assert Given(secret=Secret(hashed)) == account.password
    assert account.revision == (3 if "revision" in written else 1)


def test_listed_resources_are_in_their_one_form(loaded: Load) -> None:
    text = HEAD + (
        "removed:\n"
        "  - account/Bob\n"
        "  - alias/info@Example.NET\n"
        "  - domain/BÜCHER.example\n"
        "  - allowed_ip/203.0.113.7/32\n"
        "  - ban/2001:DB8::1\n"
        "  - dkim_key/Example.org/RSA\n"
        "  - dkim_key/example.org/rsa/rsa-old.example.org\n"
        "  - record/Example.org/WWW.example.org/a/203.0.113.20\n"
        "  - record/example.org/www/TXT/a/b\n"
        "  - record/example.org/example.org./txt/spf\n"
        "  - record/example.org/@/MX/10 mail.example.net.\n"
        "  - record/example.org/0/25.2/PTR/a/b\n"
        "forget: [setting/a.B, hostname, tls/LetsEncrypt]\n"
        "release: [account/alice]\n"
    )
    stack = loaded(text).stack
    assert [
        "account/bob@example.org",
        "alias/info@example.net",
        "domain/xn--bcher-kva.example",
        "allowed_ip/203.0.113.7",
        "ban/2001:db8::1",
        "dkim_key/example.org/rsa",
        "dkim_key/example.org/rsa/rsa-old.example.org",
        "record/example.org/www/A/203.0.113.20",
        "record/example.org/www/TXT/a/b",
        "record/example.org/@/TXT/spf",
        "record/example.org/@/MX/10 mail.example.net.",
        "record/example.org/0/25.2/PTR/a/b",
    ] == [str(address) for address in stack.removed]
    assert (Address("setting", "a.B"), Address("hostname", ""), Address("tls", "letsencrypt")) == stack.forget
    assert (Address("account", "alice@example.org"),) == stack.release


def test_accepted_findings_are_kept_with_their_reason(loaded: Load) -> None:
    text = HEAD + "lint: {ignore: [{id: ZONE-12, name: www, reason: moves, until: 2030-01-31}]}\n"
    expected = (Ignore(id="ZONE-12", name="www", reason="moves", until="2030-01-31"),)
    assert expected == loaded(text).stack.ignore


def test_keys_with_everything_below_commented_out_are_empty(loaded: Load) -> None:
    keys = (
        "accounts aliases lists groups domains settings allowed_ips removed forget release dns lint defaults"
    )
    text = HEAD + "".join(f"{key}:\n" for key in keys.split())
    assert loaded(HEAD).stack.domain.accounts == loaded(text).stack.domain.accounts == {}


def test_every_item_knows_its_place(loaded: Load) -> None:
    text = HEAD + (
        "accounts:\n"
        "  alice:\n"
        "    quota: 5GiB\n"
        "    aliases: [info]\n"
        "domains:\n"
        "  example.net:\n"
        "    lists:\n"
        "      team: {members: [alice@example.org]}\n"
        "removed: [account/bob]\n"
    )
    found = loaded(text)
    main, other = found.stack.domains.values()
    account = main.accounts["alice@example.org"]
    places = {
        "account": found.where(account.at),
        "quota": found.where((*account.at, "quota")),
        "what is not written": found.where((*account.at, "name")),
        "alias": found.where(main.aliases["info@example.org"].at),
        "list": found.where(other.lists["team@example.net"].at),
        "domain": found.where(other.at),
        "main domain": found.where(main.at),
        "removed": found.where(("removed", 0)),
    }
    assert {
        "account": "4:3",
        "quota": "5:12",
        "what is not written": "4:3",
        "alias": "6:15",
        "list": "10:7",
        "domain": "8:3",
        "main domain": "",
        "removed": "11:11",
    } == {
        name: str(where).removeprefix("/srv/mail/f.yaml").removeprefix(":") for name, where in places.items()
    }


def test_a_moved_line_is_no_change(loaded: Load) -> None:
    one = loaded(HEAD + "accounts: {a: {}, b: {aliases: [c]}}\n").stack
    two = loaded("# a comment\n\n" + HEAD + "aliases: {c: b}\naccounts: {b: {aliases: []}, a: {}}\n").stack
    assert one == two


def test_both_parsers_make_the_same_stack(loaded: Load) -> None:
    data = (Path(__file__).parents[2] / "examples/mailstack.yaml").read_bytes()
    fast = load_bytes(data, "f.yaml").stack
    assert fast == load_bytes(data, "f.yaml", fast=False).stack


def test_anchors_say_a_thing_once(loaded: Load) -> None:
    text = HEAD + "accounts:\n  a: {quota: &size 5GiB}\n  b: {quota: *size}\n"
    accounts = loaded(text).stack.domain.accounts
    assert {5 * 2**30} == {account.quota for account in accounts.values()}


def test_a_file_is_loaded_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "mailstack.yaml"
    file.write_text(HEAD)
    stack = load(str(file)).stack
    assert (str(file), str(tmp_path)) == (stack.file, stack.base)


def test_nothing_of_a_refused_file_hangs_on_its_error(loaded: Load) -> None:
    """A chained exception would carry what was read, secrets too, into tracebacks."""
    with pytest.raises(InputError) as caught:
        loaded(HEAD + "accounts: {a: {password: hunter2}}\n")
    assert (None, None) == (caught.value.__cause__, caught.value.__context__)
