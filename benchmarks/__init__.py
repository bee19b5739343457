"""Measurements. Timing is no test: these print ratios against a named rival in the same run."""
