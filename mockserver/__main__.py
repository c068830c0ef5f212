"""`python -m mockserver` is the command facefusion-mock."""

from mockserver.cli import main

main()
