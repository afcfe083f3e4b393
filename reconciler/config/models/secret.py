"""How a secret is written: never itself, but where it lies."""

from __future__ import annotations

from typing import Annotated, Self, TypeAlias

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from reconciler.config.models.scalars import (
    TEXT_FORM,
    AlsoWritten,
    Argv,
    Loose,
    Model,
    Revision,
    Word,
    short,
    wrong,
)
from reconciler.config.secrets import is_hash

_INSTEAD = (
    "This file is shared and kept in a repository, so a secret never stands in it.  "
    "Write where it lies: {env: NAME}, {file: path} or {command: [program, argument]}."
)


def _one_of(*keys: str) -> JsonDict:
    return {"oneOf": [{"required": [key]} for key in keys]}


class SecretSource(Model):
    """Where a secret lies: exactly one of env, file and command."""

    model_config = ConfigDict(json_schema_extra=_one_of("env", "file", "command"))

    env: Word | None = Field(
        default=None,
        description="The name of the environment variable that holds it.",
        examples=["STALWART_PASSWORD"],
    )
    file: Word | None = Field(
        default=None,
        description="A file that holds it, relative to this file; the last line end does not count.",
        examples=["secrets/stalwart"],
    )
    command: Argv | None = Field(
        default=None,
        description="A command that prints it: a list of words, run once, without a shell.",
        examples=[["sops", "-d", "secrets.yaml"]],
    )
    key: Loose | None = Field(
        default=None,
        description="Which value of the JSON or YAML that the command prints; dots lead deeper.",
        examples=["admin"],
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [source for source in self._sources() if source is not None]
        if len(given) != 1:
            raise wrong("a secret has one source", _choose(bool(given)), "secret-source")
        if self.key is not None and self.command is None:
            raise wrong(
                "a key without a command", "`key` looks into what a `command` prints.", "secret-source"
            )
        return self

    def _sources(self) -> tuple[object, ...]:
        return (self.env, self.file, self.command)


def _choose(any_given: bool) -> str:
    several = "There are several, and they may differ.  Keep one" if any_given else "Write one"
    return f"{several} of {{env: NAME}}, {{file: path}} and {{command: [program, argument]}}."


def _no_literal(value: object) -> object:
    if isinstance(value, str):
        raise wrong("a secret in the file", _INSTEAD, "secret-in-file")
    return value


class Password(SecretSource):
    """The password of an account; it is set when the account is made and when the revision rises."""

    model_config = ConfigDict(json_schema_extra=_one_of("env", "file", "command", "hash"))

    hash: Word | None = Field(
        default=None,
        description="The hash of the password, in a form that the server accepts.",
        examples=["$6$cLHXjJcbKiJmC6Xh$3sMCJkhM/xcN7Ln8Z7Dyp9WpqdjK9mbnzwzdO4xHbhrOErXP94F0fSGgLJPyGJt7s7K/"],
    )
    revision: Revision = Field(
        default=1,
        description="Raise it to set the password again.",
        examples=[2],
    )

    @model_validator(mode="after")
    def _a_hash(self) -> Self:
        if self.hash is not None and not is_hash(self.hash):
            known = self.hash.startswith(("$y$", "$7$", "$gy$", "{BLF-CRYPT}"))
            why = "The server does not know this kind of hash.  " if known else ""
            raise wrong(
                "a secret in the file",
                f"{why}{_INSTEAD}  A hash such as $argon2id$... may stand here.",
                "secret-in-file",
            )
        return self

    def _sources(self) -> tuple[object, ...]:
        return (self.env, self.file, self.command, self.hash)


class SettingValue(SecretSource):
    """The value of a setting, when it is a secret; it is set, and set again when the revision rises."""

    model_config = ConfigDict(json_schema_extra=_one_of("env", "file", "command", "text"))

    text: str | None = Field(
        default=None,
        description="The value itself; the same as writing it without {text: ...}.",
        examples=["30"],
    )
    revision: Revision | None = Field(
        default=None,
        description="Raise it to set the value again, when what lies there has changed.",
        examples=[2],
    )

    @model_validator(mode="after")
    def _revised(self) -> Self:
        if self.text is not None and self.revision is not None:
            detail = "A text in the file is compared with the live one as it is.  Delete `revision`."
            raise wrong("a revision of a text", detail, "secret-source")
        return self

    def _sources(self) -> tuple[object, ...]:
        return (self.env, self.file, self.command, self.text)


AdminSecret: TypeAlias = Annotated[SecretSource, BeforeValidator(_no_literal)]
AccountPassword: TypeAlias = Annotated[Password, BeforeValidator(short("hash")), AlsoWritten((TEXT_FORM,))]
Setting: TypeAlias = Annotated[
    SettingValue,
    BeforeValidator(short("text")),
    AlsoWritten(({"type": ["string", "number", "boolean"]},)),
]
