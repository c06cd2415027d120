"""Every automatic act is a row: put in the transaction of whoever asks, claimed, run and finished with its effect.

PostgreSQL remembers, Celery only wakes. `queue` holds the verbs, `drain` the loop and what it may run.
"""
