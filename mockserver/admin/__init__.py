"""The server's own endpoints under /_mock."""
