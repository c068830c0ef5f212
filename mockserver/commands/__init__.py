"""What the command line's verbs do; cli.py says how they are called."""
