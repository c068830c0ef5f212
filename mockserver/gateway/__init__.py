"""Requests: from the raw bytes to an answer."""
