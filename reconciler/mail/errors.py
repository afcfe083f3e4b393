"""The one error of the parsers in this package."""

from __future__ import annotations


class SyntaxProblem(ValueError):
    """A text breaks a standard.

    words is a whole sentence: what is wrong and, where one can tell, what to write instead.
    position counts characters of the parsed text from 0, so that a rule can point into a file.
    """

    def __init__(self, words: str, *, standard: str, position: int = 0, rfc: str = "") -> None:
        super().__init__(words, standard, position, rfc)
        self.words = words
        self.standard = standard
        self.position = position
        self.rfc = rfc

    def __str__(self) -> str:
        source = f" ({self.rfc})" if self.rfc else ""
        return f"{self.standard}, column {self.position + 1}: {self.words}{source}"
