"""What the laws have found, each as the smallest case that a person can read."""

from __future__ import annotations

from dataclasses import replace

from mail_server import MailServer
from settling import Settling
from small import HOME, NAMES, Role, desired_of, server_of, stack_of
from witness import Witness, applied, planned

from reconciler.config.dns import Dns, MailRecords
from reconciler.config.stack import Stack
from reconciler.desired import Desired
from reconciler.outcome import Status
from reconciler.plan import Plan
from reconciler.report import NOTHING_DONE
from reconciler.resource import Address

A, B, C = NAMES
D = f"d@{HOME}"
MARK = ("mark", "home", "setting", "session.max")
SETTING = ("setting", "session.max")


def plan_of(server: MailServer, desired: Desired) -> Plan:
    plan, problems = planned(server, desired)
    assert () == problems
    assert plan is not None
    return plan


def words(plan: Plan) -> list[str]:
    return [f"{change.verb.value} {change.address}" for change in plan.changes]


def held(plan: Plan) -> dict[str, str]:
    return {str(held.change.address): held.rule for held in plan.held}


def settled(server: MailServer, stack: Stack) -> MailServer:
    """Return the server after a run that keeps every law, killed anywhere or not."""
    Settling().settle(desired_of(stack), server)
    return server


def emails(server: MailServer, primary: str) -> set[str]:
    pid = server.of(primary)
    assert pid is not None
    return set(server.principals[pid].emails)


def test_the_former_address_of_a_renamed_account_goes_to_whoever_the_stack_says() -> None:
    """It is an alias of the renamed account first, so it moves like any other alias."""
    roles: dict[str, Role] = {B: ("renamed", A), C: ("account",), A: ("alias", C)}
    server = settled(server_of({A: ("account",)}), stack_of(roles))
    assert {C, A} == emails(server, C)
    assert {B} == emails(server, B)


def test_the_former_address_of_a_renamed_account_goes_when_it_is_listed() -> None:
    server = settled(server_of({A: ("account",)}), stack_of({B: ("renamed", A)}, (Address("alias", A),)))
    assert {B} == emails(server, B)


def test_an_account_that_is_renamed_to_its_own_alias_takes_one_write() -> None:
    server = server_of({A: ("account",), B: ("alias", A)})
    assert [f"change account/{B}"] == words(plan_of(server, desired_of(stack_of({B: ("renamed", A)}))))


def test_a_rename_that_is_over_moves_nothing() -> None:
    """Both addresses are accounts: what belongs to the one is not the other's."""
    live: dict[str, Role] = {A: ("account",), B: ("account",), C: ("list", A)}
    wanted: dict[str, Role] = {B: ("renamed", A), C: ("list", B)}
    server = settled(server_of(live), stack_of(wanted))
    assert [B] == [server.name_of(m) for p in server.principals.values() for m in p.members]


def test_a_rename_waits_until_its_address_is_free() -> None:
    live: dict[str, Role] = {A: ("account",), B: ("list", A)}
    desired = desired_of(stack_of({B: ("renamed", A)}, (Address("list", B),)))
    server = server_of(live)
    plan = plan_of(server, desired)
    assert {f"account/{B}": "address-in-use"} == held(plan)
    applied(server, desired, plan)
    assert [f"change account/{B}"] == words(plan_of(server, desired))


def test_an_address_is_let_go_when_its_new_holder_can_take_it_and_not_before() -> None:
    """The list needs a member that is made in the same run; only then the alias lets go."""
    live: dict[str, Role] = {A: ("account",), C: ("alias", A)}
    wanted: dict[str, Role] = {A: ("account",), B: ("account",), C: ("list", B)}
    plan = plan_of(server_of(live), desired_of(stack_of(wanted)))
    assert [f"add account/{B}", f"delete alias/{C}", f"add list/{C}"] == words(plan)


def test_a_member_that_comes_back_as_another_kind_is_held() -> None:
    """The server takes what goes off its lists, and what comes back is not on them."""
    live: dict[str, Role] = {A: ("list", B, C), B: ("group", C), C: ("account",)}
    wanted: dict[str, Role] = {A: ("list", B, C), B: ("account",), C: ("account",)}
    plan = plan_of(server_of(live), desired_of(stack_of(wanted, (Address("group", B),))))
    assert {f"group/{B}": "member-changes-kind", f"account/{B}": "depends"} == held(plan)


def test_what_waits_for_itself_is_held_and_raises_nothing() -> None:
    """The list wants the group, the group the address of the account, and that one goes after the list let it go."""
    wanted: dict[str, Role] = {A: ("group", C), B: ("list", D), C: ("account",), D: ("group", A)}
    live: dict[str, Role] = {A: ("account",), B: ("list", A), C: ("account",)}
    plan = plan_of(server_of(live), desired_of(stack_of(wanted, (Address("account", A),))))
    assert {"circle"} == set(held(plan).values())
    assert [] == words(plan)


def test_an_admin_who_may_not_log_in_is_not_the_last_one() -> None:
    server = server_of({A: ("account",)})
    server.edit(1, admin=True, enabled=False)
    server.count_now()
    stack = stack_of({A: ("account",)})
    home = stack.domains[HOME]
    person = replace(home.accounts[A], enabled=False, admin=True, name="Alice")
    desired = desired_of(replace(stack, domains={HOME: replace(home, accounts={A: person})}))
    assert [f"change account/{A}"] == words(plan_of(server, desired))


def test_a_setting_that_is_listed_goes_also_when_nobody_marked_it() -> None:
    server = server_of({})
    server.put((SETTING, "1"))
    server.count_now()
    settled(server, stack_of({}, (Address("setting", "session.max"),)))
    assert {} == server.settings


def test_a_setting_that_is_listed_goes_with_the_value_from_before() -> None:
    server = server_of({})
    server.put((SETTING, "1"), (MARK, '{"was": "0"}'))
    server.count_now()
    settled(server, stack_of({}, (Address("setting", "session.max"),)))
    assert {} == server.settings


def test_a_mark_whose_thing_is_gone_goes() -> None:
    """A run was killed between a setting and its mark; who sets it by hand one day keeps it."""
    server = server_of({})
    server.put((MARK, '{"was": null}'))
    settled(server, stack_of({}))
    assert {} == server.settings


def test_what_another_stack_has_marked_is_not_removed() -> None:
    server = server_of({})
    server.put((SETTING, "1"), (("mark", "other", "setting", "session.max"), '{"was": null}'))
    server.count_now()
    _, problems = planned(server, desired_of(stack_of({}, (Address("setting", "session.max"),))))
    assert ["two-stacks"] == [problem.rule for problem in problems]


def test_a_key_that_is_stored_and_does_not_sign_is_not_done() -> None:
    stack = stack_of({})
    dns = Dns(zone=HOME, declared=True, mail=MailRecords(dkim=("rsa",)))
    whole = desired_of(replace(stack, domains={HOME: replace(stack.domains[HOME], dns=dns)}))
    desired = replace(whole, resources={a: r for a, r in whole.resources.items() if a.kind != "record"})
    server = server_of({})
    server.reloads_apply = False
    report = applied(server, desired, plan_of(server, desired))
    assert [Status.FAILED] == [outcome.status for outcome in report.outcomes]
    assert NOTHING_DONE == report.exit_code


def test_no_address_is_ever_without_a_holder_while_two_aliases_swap() -> None:
    live: dict[str, Role] = {A: ("account",), B: ("account",), C: ("alias", A), D: ("alias", B)}
    wanted: dict[str, Role] = {A: ("account",), B: ("account",), C: ("alias", B), D: ("alias", A)}
    server, desired = server_of(live), desired_of(stack_of(wanted))
    witness = Witness(server, desired)
    applied(server, desired, plan_of(server, desired))
    witness.end()
    assert [{A, D}, {B, C}] == [emails(server, A), emails(server, B)]


def test_a_release_whose_claim_is_held_is_held_too() -> None:
    """A group without members is held; the alias that would become it stays meanwhile."""
    roles: dict[str, Role] = {A: ("account",), B: ("group",)}
    plan = plan_of(server_of({A: ("account",), B: ("alias", A)}), desired_of(stack_of(roles)))
    assert {f"alias/{B}": "depends", f"group/{B}": "no-members"} == held(plan)


def test_a_reload_that_says_nothing_and_does_nothing_is_seen() -> None:
    """Stored is not active: the server's own answer is asked."""
    server, desired = server_of({}), desired_of(stack_of({}, hostname="mail.example.org"))
    server.reloads_apply = server.reloads_admit_it = False
    report = applied(server, desired, plan_of(server, desired))
    assert [Status.FAILED] == [outcome.status for outcome in report.outcomes]


def test_an_account_does_not_go_with_an_address_that_came_to_it_meanwhile() -> None:
    """Somebody made the alias between the plan and the write: nobody has said that its mail should stop."""
    plan_server = server_of({A: ("account",), B: ("account",)})
    desired = desired_of(stack_of({A: ("account",)}, (Address("account", B),)))
    plan = plan_of(plan_server, desired)
    assert [f"delete account/{B}"] == words(plan)
    server = server_of({A: ("account",), B: ("account",), C: ("alias", B)})
    report = applied(server, desired, plan)
    assert [Status.STALE] == [outcome.status for outcome in report.outcomes]
    assert [f"alias/{C} has come to it since the plan was made, and would stop with it."] == [
        outcome.detail for outcome in report.outcomes
    ]
    assert {B, C} == emails(server, B)


def test_a_domain_does_not_go_with_what_came_into_it_meanwhile() -> None:
    stack = replace(stack_of({A: ("account",)}), removed=(Address("domain", "gone.example"),))
    before, now = server_of({A: ("account",)}), server_of({A: ("account",)})
    for server in (before, now):
        server.domains.add("gone.example")
    now.edit(1, emails=(A, "new@gone.example"))
    plan = plan_of(before, desired_of(stack))
    assert ["delete domain/gone.example"] == words(plan)
    report = applied(now, desired_of(stack), plan)
    assert [Status.STALE] == [outcome.status for outcome in report.outcomes]
    assert "gone.example" in now.domains


def test_an_account_whose_former_address_has_come_into_being_is_not_made_beside_it() -> None:
    """It is to be renamed now: the next plan says so."""
    desired = desired_of(stack_of({B: ("renamed", A), A: ("alias", B)}))
    plan = plan_of(server_of({}), desired)
    assert [f"add account/{B}", f"add alias/{A}"] == words(plan)
    server = server_of({A: ("account",)})
    report = applied(server, desired, plan)
    assert [Status.STALE, Status.SKIPPED] == [outcome.status for outcome in report.outcomes]
    assert (1, 0) == (server.of(A), server.writes)
    assert [f"change account/{B}"] == words(plan_of(server, desired))
