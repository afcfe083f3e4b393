"""`dns.mail` as it is written: which mail standards get records, and what these say."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BeforeValidator, Field, model_validator
from pydantic.json_schema import JsonSchemaValue, WithJsonSchema

from reconciler.config.models.scalars import (
    FLAG_FORM,
    NOTHING_FORM,
    TEXT_FORM,
    AlsoWritten,
    Duration,
    Flag,
    Line,
    Model,
    Word,
    as_flag,
    switch,
    wrong,
)
from reconciler.config.models.stalwart import Contacts, Place, one_is_a_list
from reconciler.config.tree import NOTHING

DEFAULT = ("mx", "spf", "dkim", "dmarc", "tls_rpt", "srv")
ON_REQUEST = ("mta_sts", "autoconfig", "caa", "tlsa")

_TEXTS_FORM: JsonSchemaValue = {"type": "array", "items": TEXT_FORM}
_SWITCHED = (FLAG_FORM, NOTHING_FORM)


class RecordText(Model):
    """A record that can be given as the text itself."""

    text: Line | None = Field(default=None, description="The text of the record.", examples=["v=..."])

    @model_validator(mode="after")
    def _text_alone(self) -> Self:
        if self.text is not None and len(self.model_fields_set) > 1:
            raise wrong(
                "a text and parts", "Give the whole text, or the parts that it is made of.", "record-text"
            )
        return self


def _begins(version: str) -> BeforeValidator:
    """Return a validator for the record text of one standard."""

    def check(value: object) -> object:
        text = value.get("text") if isinstance(value, dict) else None
        if isinstance(text, str) and not text.lower().startswith(version.lower()):
            detail = f'Write true, false, its parts as a mapping, or the text, which begins with "{version}".'
            raise wrong("not a record of this kind", detail, "record-text")
        return value

    return BeforeValidator(check)


class Spf(RecordText):
    """Who may send mail of this domain (RFC 7208)."""

    include: Contacts | None = Field(
        default=None,
        description="Domains whose senders may send, too.",
        examples=[["_spf.example.net"]],
    )
    addresses: Contacts | None = Field(
        default=None,
        description="Further addresses and networks that may send.",
        examples=[["203.0.113.10", "2001:db8::/64"]],
    )
    a: Flag = Field(
        default=False, description="The addresses of the domain itself may send.", examples=[False]
    )
    mx: Flag = Field(default=True, description="The hosts of the MX records may send.", examples=[True])
    all: Literal["fail", "softfail", "neutral"] = Field(
        default="fail", description="What receivers shall do with everybody else.", examples=["fail"]
    )


_Policy: TypeAlias = Literal["none", "quarantine", "reject"]
_Alignment: TypeAlias = Literal["relaxed", "strict"]


class Dmarc(RecordText):
    """What receivers shall do with mail that proves nothing (RFC 9989)."""

    policy: _Policy = Field(
        default="none", description="What to do with mail that fails.", examples=["quarantine"]
    )
    subdomain_policy: _Policy | None = Field(
        default=None, description="The same for sub-domains, where it differs.", examples=["reject"]
    )
    nonexistent_policy: _Policy | None = Field(
        default=None, description="The same for sub-domains that do not exist.", examples=["reject"]
    )
    reports: Contacts | None = Field(
        default=None,
        description="Where the daily reports go; without it, postmaster.",
        examples=["postmaster"],
    )
    failure_reports: Contacts | None = Field(
        default=None, description="Where reports about single messages go.", examples=["dmarc-failures"]
    )
    dkim_alignment: _Alignment = Field(
        default="relaxed", description="Whether a signature of a parent domain counts.", examples=["strict"]
    )
    spf_alignment: _Alignment = Field(
        default="relaxed", description="Whether a sender in a parent domain counts.", examples=["strict"]
    )
    testing: Flag = Field(default=False, description="Ask for reports only (t=y).", examples=[True])


class TlsRpt(RecordText):
    """Where reports about failed TLS go (RFC 8460)."""

    reports: Contacts | None = Field(
        default=None,
        description="Addresses or https URLs; without it, postmaster.",
        examples=["postmaster"],
    )


def _port(value: object) -> object:
    flag = as_flag(value)
    if flag is not None:
        return 0 if flag else None
    if isinstance(value, str) and not (value.isascii() and value.isdigit() and 0 < int(value[:6]) < 65536):
        detail = "Write true for the usual port, a port, or false to say that the service is not offered."
        raise wrong("not a port", detail, "port")
    return int(value) if isinstance(value, str) else value


_PORT_FORM: JsonSchemaValue = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 65535}, FLAG_FORM]}
_Port: TypeAlias = Annotated[int | None, BeforeValidator(_port), WithJsonSchema(_PORT_FORM)]


def _service(what: str, port: int) -> Any:
    return Field(
        default=None,
        description=f'{what}: true, a port other than {port}, or false for an explicit "not here".',
        examples=[True, port, False],
    )


class Srv(Model):
    """The services that mail programs find by SRV records (RFC 6186, 6764, 8314)."""

    submissions: _Port = _service("Sending mail, over TLS", 465)
    submission: _Port = _service("Sending mail, with STARTTLS", 587)
    imaps: _Port = _service("Reading mail by IMAP, over TLS", 993)
    imap: _Port = _service("Reading mail by IMAP, with STARTTLS", 143)
    pop3s: _Port = _service("Reading mail by POP3, over TLS", 995)
    pop3: _Port = _service("Reading mail by POP3, with STARTTLS", 110)
    jmap: _Port = _service("JMAP", 443)
    caldavs: _Port = _service("Calendars, over TLS", 443)
    caldav: _Port = _service("Calendars, without TLS", 80)
    carddavs: _Port = _service("Contacts, over TLS", 443)
    carddav: _Port = _service("Contacts, without TLS", 80)
    sieve: _Port = _service("Filter rules by ManageSieve", 4190)


class MtaSts(Model):
    """The policy that asks other servers for TLS (RFC 8461)."""

    mode: Literal["testing", "enforce", "none"] = Field(
        default="testing", description="How strict other servers shall be.", examples=["enforce"]
    )
    max_age: Duration = Field(
        default=604800, description="How long they may remember the policy.", examples=["1w"]
    )
    mx: Contacts | None = Field(
        default=None,
        description="The hosts that the policy names; without it, those of the MX records.",
        examples=[["mail.example.org"]],
    )


class Autoconfig(Model):
    """The names that mail programs try: autoconfig and autodiscover."""

    target: Word | None = Field(
        default=None,
        description="The host that they point at; without it, the hostname.",
        examples=["mail.example.org"],
    )


class Caa(Model):
    """Which authorities may issue certificates for the domain (RFC 8659)."""

    issue: Contacts | None = Field(
        default=None,
        description="Authorities by their domain; without it, the one of `tls:`.",
        examples=[["letsencrypt.org"]],
    )
    issuewild: Contacts | None = Field(
        default=None, description="Authorities for wildcard certificates.", examples=[["letsencrypt.org"]]
    )
    iodef: Contacts | None = Field(
        default=None, description="Whom an authority tells about refused requests.", examples=["postmaster"]
    )


class Tlsa(Model):
    """The certificate's key in DNS (RFC 7672)."""

    texts: list[Word] | None = Field(
        default=None, description="The data of the records.", examples=[["3 1 1 " + "0d" * 32]]
    )
    certificate: Place | None = Field(
        default=None, description="The certificate to make them from (PEM).", examples=["cert.pem"]
    )


def _all_on(value: object) -> object:
    """Read a list of names as a mapping in which each is on."""
    named = isinstance(value, list) and all(isinstance(name, str) for name in value)
    return dict.fromkeys(value, "true") if isinstance(value, list) and named else value


def _spread(value: object) -> object:
    """Read a list of standards as exactly these, and false as none of them."""
    if as_flag(value) is False:
        value = []
    if as_flag(value) or value is NOTHING:
        return {}
    on = _all_on(value)
    if isinstance(value, list) and isinstance(on, dict):
        return {**dict.fromkeys(DEFAULT, "false"), **on}
    return value


_WITH_TEXT = AlsoWritten((*_SWITCHED, TEXT_FORM))
_Algorithm: TypeAlias = Literal["rsa", "ed25519"]


def _both() -> list[_Algorithm]:
    return ["rsa", "ed25519"]


class Mail(Model):
    """Which standards get records: those named, beside mx, spf, dkim, dmarc, tls_rpt and srv."""

    mx: Annotated[
        list[Word] | None,
        BeforeValidator(one_is_a_list),
        BeforeValidator(switch([])),
        AlsoWritten((*_SWITCHED, TEXT_FORM)),
    ] = Field(
        default_factory=list,
        description="Who receives the mail; without it, the hostname with preference 10.",
        examples=["10 mail.example.org", ["10 mail.example.org", "20 backup.example.net"]],
    )
    spf: Annotated[Spf | None, _begins("v=spf1"), BeforeValidator(switch(key="text")), _WITH_TEXT] = Field(
        default=None,
        description="Who may send; without it a live record stays as it is.",
        examples=[{"include": ["_spf.example.net"], "all": "fail"}, "v=spf1 mx -all"],
    )
    host_spf: Flag = Field(
        default=True,
        description="Whether the hostname, which names itself in EHLO, has an SPF record of its own where spf is on.",
        examples=[False],
    )
    dkim: Annotated[
        list[_Algorithm] | None, BeforeValidator(switch(["rsa", "ed25519"])), AlsoWritten(_SWITCHED)
    ] = Field(
        default_factory=_both,
        description="With which algorithms mail is signed.  A live key of the algorithm is enough.",
        examples=[["rsa", "ed25519"]],
    )
    dmarc: Annotated[Dmarc | None, _begins("v=DMARC1"), BeforeValidator(switch(key="text")), _WITH_TEXT] = (
        Field(
            default=None,
            description="What receivers shall do with forged mail; without it a live record stays as it is.",
            examples=[{"policy": "none", "reports": "postmaster"}],
        )
    )
    tls_rpt: Annotated[
        TlsRpt | None, _begins("v=TLSRPTv1"), BeforeValidator(switch(key="text")), _WITH_TEXT
    ] = Field(
        default=None,
        description="Where reports about failed TLS go.",
        examples=[True, {"reports": "postmaster"}],
    )
    srv: Annotated[
        Srv | None,
        BeforeValidator(_all_on),
        BeforeValidator(switch()),
        AlsoWritten((*_SWITCHED, _TEXTS_FORM)),
    ] = Field(
        default=None,
        description="Which services mail programs are told about.",
        examples=[["imaps", "submissions"], {"imaps": True, "pop3": False}],
    )
    mta_sts: Annotated[MtaSts | None, BeforeValidator(switch(key="mode")), _WITH_TEXT] = Field(
        default=None,
        description="The policy that asks other servers for TLS; only when named.",
        examples=[{"mode": "testing"}],
    )
    autoconfig: Annotated[Autoconfig | None, BeforeValidator(switch(key="target")), _WITH_TEXT] = Field(
        default=None,
        description="The names that mail programs try for their settings; only when named.",
        examples=[True],
    )
    caa: Annotated[
        Caa | None, BeforeValidator(switch(items="issue")), AlsoWritten((*_SWITCHED, _TEXTS_FORM))
    ] = Field(
        default=None,
        description="Which authorities may issue certificates; only when named.",
        examples=[["letsencrypt.org"]],
    )
    tlsa: Annotated[
        Tlsa | None, BeforeValidator(switch(items="texts")), AlsoWritten((*_SWITCHED, _TEXTS_FORM))
    ] = Field(
        default=None,
        description="The certificate's key in DNS; only when named.",
        examples=[{"certificate": "cert.pem"}],
    )


MailForms: TypeAlias = Annotated[
    Mail,
    BeforeValidator(_spread),
    AlsoWritten((*_SWITCHED, {"type": "array", "items": {"enum": [*DEFAULT, *ON_REQUEST]}})),
]
