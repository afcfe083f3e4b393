"""What a person reads when the server is not there, is another one, or does not want us.  Nothing is written."""

from __future__ import annotations

import socket
import threading

import pytest
from cli import HEAD
from servers import PROBLEM, answering

NOT_FOUND = (
    '{"type":"about:blank","status":404,"title":"Not Found",'
    '"detail":"The requested resource does not exist on this server."}'
)
UNAUTHORIZED = (
    '{"type":"about:blank","status":401,"title":"Unauthorized","detail":"You have to authenticate first."}'
)
SERVER_ERROR = '{"type":"about:blank","status":500,"title":"Internal Server Error","detail":"Out of order."}'
JSON = "application/json; charset=utf-8"
VERSION = '{"data":{"version":"0.15.5","permissions":[]}}'


@pytest.fixture(params=["plan", "apply"])
def command(request):
    return ["plan"] if request.param == "plan" else ["apply", "--yes"]


def test_a_server_that_is_not_there(alone, command):
    alone.stack("")

    ended = alone.run(*command)

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        "error: http://127.0.0.1:1 cannot be reached\n"
        "    [Errno 111] Connection refused\n"
        "    Is the server running, and is this its HTTP listener?\n"
    )


def test_a_wrong_password_is_tried_once(project, command):
    """A hundred wrong logins get an address banned."""
    project.environ["STALWART_PASSWORD"] = "canary-wrong-1234"

    ended = project.run(*command)

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        f"error: {project.url} refused the login of admin\n"
        "    The password is wrong, or there is no such login. It was tried once: a hundred wrong\n"
        "    logins a day get an address banned. Note that an upper-case letter in the configured name\n"
        "    of the fallback admin makes it unreachable.\n"
    )
    assert project.server.requests == [("GET", "/api/principal"), ("POST", "/api/oauth")]


def test_a_login_without_permission(project, command):
    """What may not be seen is never taken for absent."""
    project.api.create("individual", "helper", "helper@example.org", secrets=["canary-helper-4711"])
    before = project.server.writes
    project.environ["STALWART_PASSWORD"] = "canary-helper-4711"
    project.stack("accounts: {alice: {}}\n", head=_head_for("helper"))

    ended = project.run(*command)

    assert (ended.code, ended.out, project.server.writes) == (1, "", before)
    assert ended.err == (
        "error: helper may not use /api/principal\n"
        "    The login lacks a permission for it. Use an administrator, or give it the role admin.\n"
    )


def test_a_login_that_may_see_a_part_of_it(project):
    """The plan says what it knows nothing of; what the stack declares of that is an error."""
    may = ("list", "get", "create", "update")
    permissions = [f"{thing}-{do}" for thing in ("principal", "individual", "domain") for do in may]
    project.api.create(
        "individual",
        "helper",
        "helper@example.org",
        secrets=["canary-helper-4711"],
        enabledPermissions=[*permissions, "group-list", "mailing-list-list"],
    )
    project.environ["STALWART_PASSWORD"] = "canary-helper-4711"
    project.stack("accounts: {helper: {}}\n", head=_head_for("helper"))

    ended = project.run("plan")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.endswith(
        "! Not read, so there may be more to do than this: activation, allowed ip, ban, dkim key, hostname, "
        "setting, tls. helper may not use /api/settings/keys.\n"
        "\n"
        "Nothing to do: what could be read is as declared.\n"
    )
    project.stack("allowed_ips: [203.0.113.10]\n", head=_head_for("helper"))
    assert project.run("plan").code == 1


def _head_for(login):
    from cli import HEAD

    return HEAD.replace("username: admin", f"username: {login}")


def test_a_server_of_the_next_generation(alone, command):
    with answering(lambda *_: (404, PROBLEM, NOT_FOUND)) as server:
        alone.url = server.url
        alone.stack("")
        ended = alone.run(*command)

    assert (ended.code, ended.out, server.asked) == (1, "", [("GET", "/api/principal")])
    assert ended.err == (
        f"error: {server.url} is Stalwart 0.16 or later\n"
        "    Its management interface is another one, which this version of mailstack does not speak.\n"
        "    It manages Stalwart 0.11 to 0.15.\n"
    )


@pytest.mark.parametrize("version", ["0.10.7", "0.16.2", "1.0.0"])
def test_a_version_that_is_not_managed(alone, version):
    def answer(method, path, has_login):
        return (200, JSON, VERSION.replace("0.15.5", version)) if has_login else (401, PROBLEM, UNAUTHORIZED)

    with answering(answer) as server:
        alone.url = server.url
        alone.stack("")
        ended = alone.run("plan")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        f"error: Stalwart {version} is not supported\n"
        "    This version of mailstack manages Stalwart 0.11 to 0.15.\n"
    )


def test_a_proxy_that_answers_instead(alone, command):
    with answering(lambda *_: (200, "text/html", "<html>Welcome to nginx!</html>")) as server:
        alone.url = server.url
        alone.stack("")
        ended = alone.run(*command)

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        f"error: {server.url} is no Stalwart\n"
        "    Asked for /api/principal without a login it answered 200 (text/html),\n"
        "    where Stalwart answers 401. stalwart.url wants the address of its HTTP listener, "
        "such as http://127.0.0.1:8080.\n"
    )


def test_a_redirection_is_not_followed(alone, command):
    """The password would go along."""
    there = {"Location": "https://mail.example.org/"}
    with answering(lambda *_: (301, "text/html", "moved", there)) as server:
        alone.url = server.url
        alone.stack("")
        ended = alone.run(*command)

    assert (ended.code, ended.out, len(server.asked)) == (1, "", 1)
    assert ended.err == (
        f"error: {server.url} sends us elsewhere\n"
        "    It answered 301 with the location 'https://mail.example.org/'. mailstack does not follow, because the\n"
        "    password would go along. stalwart.url wants the address of the HTTP listener itself.\n"
    )


def test_a_proxy_whose_server_is_starting(alone, command):
    with answering(lambda *_: (503, "text/html", "<html>nobody there</html>")) as server:
        alone.url = server.url
        alone.stack("")
        ended = alone.run(*command)

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        f"error: {server.url} answered 503\n"
        "    The server is starting, or a proxy stands in between and does not reach it. Look at the\n"
        "    server's log, or ask its HTTP listener itself (stalwart.url).\n"
    )


def test_a_listener_that_does_not_speak_tls(alone, command):
    """As a plain listener of Stalwart does, it answers the greeting of TLS with 400 at once."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        alone.url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        alone.stack("")
        thread = threading.Thread(target=_refuse_tls, args=(listener,))
        thread.start()
        ended = alone.run(*command)
        thread.join()

    first, _, last = ended.err.splitlines()  # the second line is OpenSSL's own
    assert (ended.code, ended.out, first) == (1, "", f"error: {alone.url} does not speak TLS")
    assert last == "    A plain http listener does not: then stalwart.url begins with http."


def _refuse_tls(listener):
    connection, _ = listener.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "The system says: No such file or directory."),
        (
            "x",
            "There is no certificate in it. It wants PEM: text that begins with -----BEGIN CERTIFICATE-----.",
        ),
    ],
    ids=["missing", "no certificate"],
)
def test_an_authority_that_is_none(project, command, text, why):
    file = project.folder / "authority.pem"
    if text is not None:
        file.write_text(text)
    head = HEAD.replace('url: "{url}"', 'url: "https://localhost:1", verify: authority.pem')
    project.stack("", head=head)

    ended = project.run(*command)

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        f"error: stalwart.verify names {file}, which is no certificate authority\n    {why}\n"
    )


def test_a_proxy_whose_server_is_away(project):
    """It lets the first requests through and answers the next ones itself."""

    def answer(method, path, has_login):
        if not has_login:
            return 401, PROBLEM, UNAUTHORIZED
        return (200, JSON, VERSION) if path == "/api/oauth" else (502, "text/html", "<h1>Bad Gateway</h1>")

    with answering(answer) as server:
        project.url = server.url
        project.stack("")
        ended = project.run("plan")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        f"error: {server.url}/api/settings/keys answered with something that is not Stalwart's\n"
        "    Status 502, type 'text/html'. A proxy may stand in between,\n"
        "    or the url is another service's. stalwart.url wants the address of the HTTP listener itself.\n"
    )
    assert server.asked.count(("GET", "/api/settings/keys")) == 4


def test_a_server_that_is_out_of_order_is_asked_again(alone):
    """A read may be repeated; the fourth time is the last."""

    def answer(method, path, has_login):
        if not has_login:
            return 401, PROBLEM, UNAUTHORIZED
        return (200, JSON, VERSION) if path == "/api/oauth" else (500, PROBLEM, SERVER_ERROR)

    with answering(answer) as server:
        alone.url = server.url
        alone.stack("")
        ended = alone.run("plan")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == f"error: {server.url}/api/settings/keys answered 500\n    Out of order.\n"
    assert server.asked.count(("GET", "/api/settings/keys")) == 4


@pytest.mark.parametrize(
    ("kind", "text"),
    [(JSON, "[1, 2]"), (JSON, "not json"), (JSON, '"text"'), (JSON, "")],
    ids=["a list", "no JSON", "a text", "nothing"],
)
def test_nonsense_is_never_taken_for_an_empty_server(alone, kind, text):
    def answer(method, path, has_login):
        if not has_login:
            return 401, PROBLEM, UNAUTHORIZED
        return (200, JSON, VERSION) if path == "/api/oauth" else (200, kind, text)

    with answering(answer) as server:
        alone.url = server.url
        alone.stack("")
        ended = alone.run("plan")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(
        f"error: {server.url}/api/settings/keys answered with something that is not Stalwart's\n"
    )


@pytest.mark.parametrize(
    "data",
    ["null", "[]", "{}", '"x"', '{"items": null}', '{"items": [{"type": "individual"}], "total": 1}'],
)
def test_data_of_another_form_is_an_error_with_words(alone, data):
    """Half of what a server should say is not half a server."""

    def answer(method, path, has_login):
        if not has_login:
            return 401, PROBLEM, UNAUTHORIZED
        if path == "/api/oauth":
            return 200, JSON, VERSION
        return (200, JSON, '{"data": {}}') if "settings" in path else (200, JSON, f'{{"data": {data}}}')

    with answering(answer) as server:
        alone.url = server.url
        alone.stack("")
        ended = alone.run("plan")

    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("error: ")


def test_a_server_that_has_banned_us(project, command):
    """It closes each connection at once; the way in is told."""
    project.server.close_connections = True

    ended = project.run(*command)

    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        f"error: {project.url} closed the connection without an answer\n"
        "    That is what Stalwart does to an address that it has banned. Loopback is never banned: lift the ban\n"
        "    on the server's own host, or in a container that shares its network:\n"
        "\n"
        "        mailstack unblock YOUR-ADDRESS\n"
        "\n"
        "    A listener that speaks TLS only does the same: then stalwart.url begins with https.\n"
    )


def test_a_login_with_a_second_factor(project):
    secrets = ["canary-boss-4711", "otpauth://totp/x?secret=CANARYOTPCANARYOTP"]
    project.api.create("individual", "boss", "boss@example.org", secrets=secrets, roles=["admin"])
    project.environ["STALWART_PASSWORD"] = "canary-boss-4711"
    project.stack("accounts: {alice: {}}\n", head=_head_for("boss"))

    ended = project.run("plan")

    assert ended.code == 1
    assert ended.err == (
        "error: boss has a second factor\n"
        "    mailstack cannot type a code. Use the fallback admin, or an account without one-time codes.\n"
    )


def test_the_server_goes_away_in_the_middle(project):
    """What is done stays done, what is not is named, and the next apply does the rest."""
    project.stack("accounts: {alice: {}, bob: {}, carol: {}}\n")

    def leave(number, method, path, phase):
        if (method, path, phase) == ("POST", "/api/principal", "after"):
            made.append(number)
        if len(made) >= 1 and phase == "before":
            project.server.close_connections = True
            return True
        return False

    made: list[int] = []
    project.server.on_request = leave
    ended = project.process("apply", "--yes")

    assert ended.code == 1
    assert "closed the connection without an answer" in ended.out
    project.server.on_request = None
    project.server.close_connections = False
    assert project.run("apply", "--yes").code == 0
    assert project.run("plan", "--detailed-exitcode").code == 0
