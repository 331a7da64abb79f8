"""`python -m isosim.cli`."""

from isosim.cli import main

main()
