"""config.toml as the server reads and writes it, and whether it starts with it."""

from __future__ import annotations

import pytest

from reconciler.sandbox import ConfigError, Sandbox
from reconciler.sandbox.config_toml import parse, render


def test_tables_arrays_and_quoted_keys_become_flat_keys():
    text = """\
# a comment
top = 1   # another
[server.listener.SMTP]
bind = ["127.0.0.1:25",
        '[::]:25']  # two
tls.implicit = true
[server.allowed-ip]
"10.0.0.0/8" = ""
"""
    assert parse(text) == {
        "top": "1",
        "server.listener.smtp.bind.0000": "127.0.0.1:25",
        "server.listener.smtp.bind.0001": "[::]:25",
        "server.listener.smtp.tls.implicit": "true",
        "server.allowed-ip.10.0.0.0/8": "",
    }


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (r'"a\"b\\c"', 'a"b\\c'),
        (r'"a\nb\tc"', "a\nb\tc"),
        (r"'^\d+'", "^d+"),
        ("'''\nraw \\n\n'''", "raw \\n\n"),
        ('"""x"""', "x"),
        ("2024-01-01", "2024-01-01"),
        ('""', ""),
        ('"é"', "é"),
    ],
)
def test_strings_have_the_servers_own_escapes(written, value):
    assert {"k": value} == parse(f"k = {written}\n")


@pytest.mark.parametrize(
    "text",
    [
        'k = "x"',
        'k = "x" y\n',
        "k = 1\nk = 2\n",
        "include x\n",
        "_k = 1\n",
        "k = \n",
        'k = ["a" "b"]\n',
        '["a".b]\n',
        "[[a]]\n",
        "k = {}\n",
        "k = 'x\n",
        "k = '''x\n",
        '"k = 1\n',
        "a\n",
        "[a;b]\n",
    ],
)
def test_what_the_server_cannot_read_is_an_error(text):
    with pytest.raises(ConfigError):
        parse(text)


def test_an_error_names_the_line():
    with pytest.raises(ConfigError, match=r"^Unexpected character ';' in value at line 2$"):
        parse("a = 1\nb = ;\n")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("true", "true"),
        ("1e5", "1e5"),
        ("nan", "nan"),
        ("1_000", '"1_000"'),
        (" 5", '" 5"'),
        ("٣", '"٣"'),
        ("", '""'),
        ('a"b', r'"a\"b"'),
        ("a\nb", "'''a\nb'''"),
        ("x" * 60 + "\\", "'''" + "x" * 60 + "\\'''"),
    ],
)
def test_values_are_written_as_the_server_writes_them(value, written):
    assert f"k = {written}\n" == render({"k": value})


def test_up_to_0_13_0_a_file_with_networks_does_not_start_again_after_an_api_write(start, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('server.allowed-ip."10.0.0.0/8" = ""\n')
    sandbox, client = start("0.12.2", config=config)
    client.insert(["server.hostname", "mail.example.org"])
    assert "server.allowed-ip.10.0.0.0/8 = " in config.read_text()
    with pytest.raises(ConfigError, match="Unexpected character '/' found in key at line 1"):
        sandbox.restart()


def test_from_0_13_1_on_it_starts(start, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('server.allowed-ip."2001:db8::/32" = ""\n')
    sandbox, client = start("0.13.4", config=config)
    client.insert(["server.hostname", "mail.example.org"])
    sandbox.restart()
    assert client.keys("server.hostname") == {"server.hostname": "mail.example.org"}


def test_a_server_that_cannot_read_its_file_is_down_until_the_file_is_mended(start, tmp_path):
    config = tmp_path / "config.toml"
    sandbox, client = start(config=config)
    good = config.read_text()
    config.write_text("broken")
    with pytest.raises(ConfigError):
        sandbox.restart()
    with pytest.raises(ConnectionRefusedError):
        client.ask("GET", "/healthz/live")
    config.write_text(good)
    sandbox.restart()
    assert client.ask("GET", "/healthz/live").status == 200


def test_a_sandbox_is_not_made_from_a_broken_file():
    with pytest.raises(ConfigError):
        Sandbox(seed={"config_toml": "broken"})
