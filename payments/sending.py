"""Sending tasks by name, so that a use case needs no task module."""

from functools import partial

from celery import current_app
from django.db import transaction


def send_later(task: str, *args: int) -> None:
    """Send a task once the transaction is committed.

    That it is lost with the broker costs a minute: everything sent here is also found by a sweep.
    """
    transaction.on_commit(partial(current_app.send_task, task, args=list(args)), robust=True)
