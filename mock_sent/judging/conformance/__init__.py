"""Conformance: whether a server, ours or the real one, does what the statements of docs/fidelity.md say.

The checks know the statements. Statuses, codes, texts, limits and examples come from the contract (`Expected`), so
"differs" means that the server and the contract disagree; against the real API, that can be the contract's mistake.
"""
