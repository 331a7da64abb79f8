"""A small function compiled like the law, for tests of the cache."""

from isosim.law.compiling import compiler


@compiler("stamp")
def double(x):
    return 2.0 * x
