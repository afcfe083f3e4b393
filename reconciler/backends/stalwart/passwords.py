"""A password as the server shall store it.

Stalwart 0.11 to 0.15 stores what it is given and never hashes, so what is no hash already is hashed
here: argon2id with OWASP's parameters (m=19456, t=2, p=1), which every one of these versions
verifies.
"""

from __future__ import annotations

from reconciler.config.secrets import Secret, is_hash


def stored_form(password: Secret) -> str:
    """Return the text for `secrets`: the hash that was given, or a new one with a salt of its own."""
    text = password.reveal()
    if is_hash(text):
        return text
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1).hash(text)


def is_password(secret: str) -> bool:
    """Is this one of `secrets` the person's password, and not an app password or a one-time code?"""
    return not secret.startswith(("$app$", "otpauth://"))
