"""The connection under a request: the protocol, its limits, and the faults that break it."""
