"""Every budget as a ratio to its baseline, both measured in one run. Reports, never asserts."""
