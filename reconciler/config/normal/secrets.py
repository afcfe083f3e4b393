"""References to secrets in their one form."""

from __future__ import annotations

from reconciler.config.models.secret import Password, SecretSource, SettingValue
from reconciler.config.secrets import FromCommand, FromEnv, FromFile, Given, Secret, SecretRef
from reconciler.config.tree import Path


def reference(written: SecretSource, at: Path) -> SecretRef:
    """Return where a secret lies.  The models have seen to it that there is exactly one source."""
    if written.env is not None:
        return FromEnv(at=at, env=written.env)
    if written.file is not None:
        return FromFile(at=at, file=written.file)
    return FromCommand(at=at, command=tuple(written.command or ()), key=written.key)


def password(written: Password, at: Path) -> SecretRef:
    """Return where the password of an account lies; a hash may stand in the file itself."""
    if written.hash is not None:
        return Given(at=at, secret=Secret(written.hash))
    return reference(written, at)


def setting(written: SettingValue, at: Path) -> str | SecretRef:
    """Return the value of a setting, or where it lies."""
    return written.text if written.text is not None else reference(written, at)
