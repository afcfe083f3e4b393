"""`tlsa: {certificate: ...}`: the record follows from the file, and never from its absence."""

from __future__ import annotations

import shutil
from pathlib import Path

CHAIN = Path(__file__).parents[1] / "mail" / "data" / "chain.pem"
KEY = "e004e551114d155412c913d29400708f23d9b8d7fafaa4d8e053793db5778050"
STACK = """\
hostname: mail.example.org
dns: {mail: {dkim: false, tlsa: {certificate: cert.pem}}}
domains: {example.net: {dns: {mail: {dkim: false, tlsa: {certificate: cert.pem}}}}}
"""


def test_the_key_of_a_certificate_is_published_once_for_the_host(project):
    shutil.copy(CHAIN, project.folder / "cert.pem")
    project.stack(STACK)

    ended = project.run("records")

    assert [line for line in ended.out.splitlines() if "TLSA" in line] == [
        f"_25._tcp.mail.example.org. 3600 IN TLSA 3 1 1 {KEY}"
    ]


def test_a_certificate_that_is_not_there_is_an_error_and_never_no_record(project):
    project.stack(STACK)

    ended = project.run("plan")

    path = project.folder / "cert.pem"
    assert ended.code == 1
    assert ended.err.startswith(
        "error: mailstack.yaml:6:47: there is no certificate to make a TLSA record from\n"
        f"    {path}: No such file or directory.\n"
        "    Name the PEM file with the certificate of the mail host, or write the data: "
        "3 1 1 and the SHA-256 of its public key.\n"
    )


def test_who_only_looks_at_the_stack_may_not_have_the_file(project):
    project.stack(STACK)

    assert project.run("validate").code == 0
    assert "TLSA" not in project.run("lint").out


def test_a_file_that_is_no_certificate_is_said_to_be_none(project):
    project.write("cert.pem", "hello\n")
    project.stack(STACK)

    ended = project.run("validate")

    assert ended.code == 1
    assert 'cert.pem: This is not a certificate: there is no "-----BEGIN CERTIFICATE-----"' in ended.err
