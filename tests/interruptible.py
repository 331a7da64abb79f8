"""What a test that presses Ctrl-C needs."""

import signal


def interruptible():
    """In a child before it starts: Ctrl-C shall end it, though the tests run in the background and ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
