"""Siskop: a form-driven workflow engine with approvals, and the register that a city office builds on it."""
