"""`dns.mail` of one domain: the standards that get records, each in its one form."""

from __future__ import annotations

import re

from reconciler.config import dns as normal
from reconciler.config.faults import UnfitError
from reconciler.config.models import mail as written
from reconciler.config.normal import names, network
from reconciler.config.normal.scope import Scope
from reconciler.config.tree import Path

_PREFERENCE_MAX = 65535
_CAA_VALUE = re.compile(r"[A-Za-z0-9.-]*( *;.*)?")


def mail_records(model: written.Mail, at: Path, scope: Scope) -> normal.MailRecords:
    """Return the standards; one that is not named has its default, on or off."""
    named = model.model_fields_set
    return normal.MailRecords(
        at=at,
        mx=_mx(model.mx, (*at, "mx"), scope),
        spf=_spf(model.spf, (*at, "spf"), scope) if "spf" in named else normal.Spf(),
        host_spf=model.host_spf,
        dkim=tuple(dict.fromkeys(model.dkim)) if model.dkim else None,
        dmarc=_dmarc(model.dmarc, (*at, "dmarc"), scope) if "dmarc" in named else normal.Dmarc(),
        tls_rpt=_tls_rpt(model.tls_rpt, (*at, "tls_rpt"), scope) if "tls_rpt" in named else normal.TlsRpt(),
        srv=_srv(model.srv) if "srv" in named else normal.Srv(),
        mta_sts=_mta_sts(model.mta_sts, (*at, "mta_sts"), scope),
        autoconfig=_autoconfig(model.autoconfig, (*at, "autoconfig"), scope),
        caa=_caa(model.caa, (*at, "caa"), scope),
        tlsa=_tlsa(model.tlsa, (*at, "tlsa"), scope),
    )


def _mx(model: list[str] | None, at: Path, scope: Scope) -> normal.Mx | None:
    return None if model is None else normal.Mx(targets=scope.each(at, _target, model))


def _target(text: str) -> tuple[int, str]:
    """Return preference and host of "10 mail.example.org" or of the host alone."""
    words = text.split()
    preference = words.pop(0) if len(words) == 2 else "10"
    if len(words) != 1 or not re.fullmatch("[0-9]{1,5}", preference) or int(preference) > _PREFERENCE_MAX:
        detail = "Write preference and host: 10 mail.example.org."
        raise UnfitError("not an MX target", detail, "mx")
    return int(preference), names.domain(words[0])


def _spf(model: written.Spf | None, at: Path, scope: Scope) -> normal.Spf | None:
    if model is None:
        return None
    return normal.Spf(
        named=bool(model.model_fields_set),
        text=model.text,
        include=scope.each((*at, "include"), _spf_name, model.include or ()),
        addresses=scope.each((*at, "addresses"), network.network, model.addresses or ()),
        a=model.a,
        mx=model.mx,
        all=model.all,
    )


def _spf_name(text: str) -> str:
    """Return a domain of SPF; unlike a host's, its labels may begin with an underscore."""
    name = names.owner(text.removesuffix(".") + ".", "")
    if "." not in name:
        raise UnfitError(
            "not a domain", "Write the domain whose SPF counts, such as _spf.example.net.", "spf"
        )
    return name


def _dmarc(model: written.Dmarc | None, at: Path, scope: Scope) -> normal.Dmarc | None:
    if model is None:
        return None
    return normal.Dmarc(
        named=bool(model.model_fields_set),
        text=model.text,
        policy=model.policy,
        subdomain_policy=model.subdomain_policy,
        nonexistent_policy=model.nonexistent_policy,
        reports=scope.each((*at, "reports"), names.address, model.reports or (), scope.home),
        failure_reports=scope.each(
            (*at, "failure_reports"), names.address, model.failure_reports or (), scope.home
        ),
        dkim_alignment=model.dkim_alignment,
        spf_alignment=model.spf_alignment,
        testing=model.testing,
    )


def _tls_rpt(model: written.TlsRpt | None, at: Path, scope: Scope) -> normal.TlsRpt | None:
    if model is None:
        return None
    return normal.TlsRpt(
        named=bool(model.model_fields_set),
        text=model.text,
        reports=scope.each((*at, "reports"), _address_or_url, model.reports or (), scope.home),
    )


def _address_or_url(text: str, home: str) -> str:
    return text if text.startswith("https://") else names.address(text.removeprefix("mailto:"), home)


def _srv(model: written.Srv | None) -> normal.Srv | None:
    if model is None:
        return None
    named = model.model_fields_set
    return normal.Srv(
        named=bool(named),
        services=tuple((name, getattr(model, name)) for name in written.Srv.model_fields if name in named),
    )


def _mta_sts(model: written.MtaSts | None, at: Path, scope: Scope) -> normal.MtaSts | None:
    if model is None:
        return None
    mx = scope.each((*at, "mx"), _policy_host, model.mx or ())
    return normal.MtaSts(mode=model.mode, max_age=model.max_age, mx=mx)


def _policy_host(text: str) -> str:
    """Return a host of an MTA-STS policy, which may be a wildcard (RFC 8461 section 4.1)."""
    return f"*.{names.domain(text[2:])}" if text.startswith("*.") else names.domain(text)


def _autoconfig(model: written.Autoconfig | None, at: Path, scope: Scope) -> normal.Autoconfig | None:
    if model is None:
        return None
    target = model.target
    return normal.Autoconfig(
        target=None if target is None else scope.faults.attempt((*at, "target"), names.domain, target)
    )


def _caa(model: written.Caa | None, at: Path, scope: Scope) -> normal.Caa | None:
    if model is None:
        return None
    return normal.Caa(
        issue=scope.each((*at, "issue"), _authority, model.issue or ()),
        issuewild=scope.each((*at, "issuewild"), _authority, model.issuewild or ()),
        iodef=scope.each((*at, "iodef"), _address_or_url, model.iodef or (), scope.home),
    )


def _authority(text: str) -> str:
    """Return an issuer with its parameters as RFC 8659 section 4.2 writes it; ";" alone means nobody."""
    if not _CAA_VALUE.fullmatch(text):
        raise UnfitError(
            "not an authority", 'Write its domain, such as letsencrypt.org, or ";" for nobody.', "caa"
        )
    return text


def _tlsa(model: written.Tlsa | None, at: Path, scope: Scope) -> normal.Tlsa | None:
    if model is None:
        return None
    certificate = scope.place(model.certificate, (*at, "certificate"), remote=False)
    return normal.Tlsa(texts=tuple(model.texts or ()), certificate=certificate)
