"""The published schema is that of the models, and helps an editor as it should."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from reconciler.config.events import parse
from reconciler.config.load import load_bytes
from reconciler.config.schema import schema, text
from reconciler.errors import InputError

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "mailstack.yaml"
HEAD = "version: 1\ndomain: example.org\n"


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    return schema()


def errors(published: dict[str, Any], written: str) -> list[str]:
    """Return what an editor would underline; its YAML parser types scalars, as PyYAML's does."""
    validator = jsonschema.Draft202012Validator(published)
    return [error.message for error in validator.iter_errors(yaml.safe_load(written))]


def properties(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, definition in {"": node, **node["$defs"]}.items():
        for key, value in definition.get("properties", {}).items():
            yield f"{name}.{key}", value


def test_the_published_schema_is_current() -> None:
    """To renew it: mailstack schema stack > schemas/mailstack.schema.json"""
    assert text() == (ROOT / "schemas" / "mailstack.schema.json").read_text(encoding="utf-8")


def test_the_schema_is_one(published: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(published)
    assert published["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_key_has_a_description_and_an_example(published: dict[str, Any]) -> None:
    bare = [
        name
        for name, value in properties(published)
        if not (value.get("description") and value.get("examples"))
    ]
    assert [] == bare


def test_every_example_is_valid(published: dict[str, Any]) -> None:
    wrong = []
    for name, value in properties(published):
        whole = {**value, "$defs": published["$defs"]}
        validator = jsonschema.Draft202012Validator(whole)
        wrong += [(name, example) for example in value["examples"] if not validator.is_valid(example)]
    assert [] == wrong


def test_every_mapping_is_closed(published: dict[str, Any]) -> None:
    closed = {
        name: node["additionalProperties"] for name, node in {"": published, **published["$defs"]}.items()
    }
    assert {False} == set(closed.values())


def test_the_example_is_valid(published: dict[str, Any]) -> None:
    assert [] == errors(published, EXAMPLE.read_text(encoding="utf-8"))


def test_the_example_names_its_schema() -> None:
    first = EXAMPLE.read_text(encoding="utf-8").splitlines()[0]
    prefix = "# yaml-language-server: $schema="
    assert (
        EXAMPLE.parent / first.removeprefix(prefix)
    ).resolve() == ROOT / "schemas" / "mailstack.schema.json"


@pytest.mark.parametrize(
    "written",
    [
        "accounts: {alice: }",
        "accounts: {007: {enabled: yes, admin: false, quota: 5 GiB, aliases: [1]}}",
        "accounts: {a: {quota: none, password: {env: A, revision: 2}}, b: {password: $6$a$b}}",
        "dns: {ttl: 300, timeout: 10s, zonefile: x}",
        "dns: {ttl: 1h30m, zonefile: {container: a, path: /x}, mail: [mx, spf]}",
        "dns: {mail: {spf: v=spf1 -all, dkim: false, srv: {imaps: true, pop3: 995, imap: false}, mx: 10 a.b}}",
        "dns: {mail: false, records: [{name: '@', type: TXT, value: 5}]}",
        "settings: {a: 1, b: yes, c: x, d: 1.5, e: {env: X}}",
        "removed:\nforget: []\ndomains: {example.net: , example.com: {type: parked}}",
        "stalwart: {url: 'http://x', username: a, password: {command: [a, -b], key: c}, verify: false}",
        "catch_all: none",
    ],
)
def test_what_the_loader_takes_the_editor_takes(written: str, published: dict[str, Any]) -> None:
    load_bytes((HEAD + written).encode(), "f.yaml")
    assert [] == errors(published, HEAD + written)


@pytest.mark.parametrize(
    "written",
    [
        "acounts: {}",
        "accounts: {a: {qouta: 5GiB}}",
        "accounts: {a: {quota: 5}}",
        "accounts: {a: {quota: 5G}}",
        "accounts: {a: {enabled: maybe}}",
        "accounts: {a: {quota: }}",
        "accounts: [a]",
        "accounts: {a: {password: {}}}",
        "accounts: {a: {password: {env: A, file: b}}}",
        "lists: {a: {members: []}}",
        "lists: {a: {}}",
        "dns: {ttl: 1 hour}",
        "dns: {reload: rndc reload}",
        "dns: {records: [{name: a, type: A}]}",
        "dns: {mail: [spff]}",
        "dns: {mail: {dmarc: {policy: non}}}",
        "stalwart: {username: admin}",
        "stalwart: {url: 'http://x', password: hunter2}",
        "tls: {acme: letsencrypt, contact: a, challenge: tls}",
        "settings: {a: [1]}",
        "version: 2",
    ],
)
def test_a_typical_mistake_is_underlined_and_refused(written: str, published: dict[str, Any]) -> None:
    head = HEAD if not written.startswith("version") else "domain: example.org\n"
    assert errors(published, head + written)
    with pytest.raises(InputError):
        load_bytes((head + written).encode(), "f.yaml")


def test_the_example_is_the_set_up_of_the_guide() -> None:
    stack = load_bytes(EXAMPLE.read_bytes(), str(EXAMPLE)).stack
    domain = stack.domain
    assert ("home", "example.org", "mail.example.org") == (stack.name, domain.name, stack.hostname)
    assert {"alice@example.org"} == set(domain.accounts)
    assert {"postmaster@example.org", "abuse@example.org", "info@example.org"} == set(domain.aliases)
    assert (["team@example.org"], ["sales@example.org"]) == (list(domain.lists), list(domain.groups))
    assert ("203.0.113.10", "192.168.128.0/24") == stack.allowed_ips
    assert () == stack.removed
    assert "removed" in parse(EXAMPLE.read_bytes(), "f").root  # type: ignore[operator]  # a mapping
