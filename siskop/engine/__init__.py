"""The engine: pure functions over definitions and cases. No I/O, no clock, no randomness."""
