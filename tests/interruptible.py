"""What a test that presses Ctrl-C needs."""

import signal


def interruptible():
    """In a child before it starts: Ctrl-C shall end it, though a job in the background ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
