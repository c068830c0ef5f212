"""Faults on purpose: rules that say which calls go wrong, how and when."""
