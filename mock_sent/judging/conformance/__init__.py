"""Conformance: whether a server, ours or the real one, does what the statements of docs/fidelity.md say.

The statements are judged by literals from the vendor's page, not by `openapi.yaml`: a wrong contract must show.
"""
