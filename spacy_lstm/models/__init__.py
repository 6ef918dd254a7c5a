"""Docs in, predictions out: layers composed into architectures."""
