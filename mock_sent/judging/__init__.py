"""Checks of clients and servers: the audit of a client's requests, verify, and the conformance of a server."""
