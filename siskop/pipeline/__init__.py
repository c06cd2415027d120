"""Celery and Redis, which only carry wake-ups: what there is to do stands in the table of jobs."""
