"""Mail: an outbox of rows, written with the act that causes them, and one delivery job for each.

`compose` makes words into a message, `outbox` keeps it, `deliver` hands it over.
"""
