"""`mailstack records`: the records of the stack, to paste elsewhere.  Offline."""

from __future__ import annotations

import click

from reconciler.cli import options

_FORMS = ("bind", "octodns", "dnscontrol", "terraform", "json")


@click.command("records", short_help="Print the DNS records of the stack, to paste elsewhere.")
@click.argument("domain", required=False)
@options.stack_file
@click.option("--format", "form", type=click.Choice(_FORMS), default="bind", show_default=True)
def command(domain: str | None, file: str | None, form: str) -> int:
    """Print the records that follow from the stack, of one DOMAIN or of all.

    \b
    Examples:
      mailstack records >> db.example.org
      mailstack records example.org --format octodns
    """
    from reconciler.cli.certificates import with_certificates
    from reconciler.config.load import load
    from reconciler.desired import desire
    from reconciler.errors import InputError, Problem, Where
    from reconciler.kinds.dkim_key import DkimKey
    from reconciler.kinds.record import Record, absolute
    from reconciler.render import records as render

    loaded = with_certificates(load(options.find_file(file)))
    if domain is not None and domain not in loaded.stack.domains:
        raise InputError(
            Problem(
                where=Where(file=loaded.stack.file),
                summary=f"{domain} is no domain of this stack",
                detail=f"It declares: {', '.join(loaded.stack.domains)}.",
                rule="unknown-domain",
            )
        )
    desired = desire(loaded.stack, loaded.where).resources
    wanted = tuple(domain.split()) if domain else tuple(loaded.stack.domains)
    zones = {absolute(loaded.stack.domains[name].dns.zone) for name in wanted}
    found = [r for r in desired.values() if isinstance(r, Record) and r.zone in zones]
    if domain is not None:
        inside = f".{absolute(domain)}"
        found = [r for r in found if f".{r.owner}".endswith(inside)]
    keyed = dict.fromkeys(a.name.partition("/")[0] for a in desired if a.kind == DkimKey.KIND)
    notes = [
        f"{name}: the DKIM records follow when the server has made the keys; `mailstack plan` shows them."
        for name in keyed
        if name in wanted
    ]
    write = {
        "bind": render.bind,
        "octodns": render.octodns,
        "dnscontrol": render.dnscontrol,
        "terraform": render.terraform,
        "json": render.as_json,
    }[form]
    click.echo(write(found, notes), nl=False)
    if not found and not notes:
        click.echo(
            "The stack declares no DNS records. A section dns: gives those that mail needs, such as\n\n"
            "    dns: {addresses: [203.0.113.10]}",
            err=True,
        )
    return 0
