"""Letters: written with the act that causes them, numbered when signed, made a PDF once, open to verification.

`writing` keeps the words, `signing` numbers and withdraws, `typeset` makes PDFs by `typesetter` in a process of its
own, `shelf` lists and prints, `posts` says what signers are called.
"""

from siskop.letters.writing import write

__all__ = ["write"]
