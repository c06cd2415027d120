"""Submissions: the one door through which a state changes, and everything that is kept of a submission."""
