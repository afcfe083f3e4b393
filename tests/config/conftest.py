"""A file in, what is wrong with it out: as text with places, the way a person sees it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reconciler.config.load import Loaded, load_bytes
from reconciler.errors import InputError


@pytest.fixture(scope="session")
def loaded() -> Callable[[str], Loaded]:
    """Return a function: the text of /srv/mail/f.yaml -> what it declares."""

    def load(text: str) -> Loaded:
        return load_bytes(text.encode(), "/srv/mail/f.yaml")

    return load


@pytest.fixture(scope="session")
def faults() -> Callable[[str], str]:
    """Return a function: the text of f.yaml -> all that is wrong with it, empty when nothing is."""

    def find(text: str) -> str:
        try:
            load_bytes(text.encode(), "f.yaml")
        except InputError as error:
            return str(error)
        return ""

    return find
