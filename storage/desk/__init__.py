"""The reviewer's desk: accounts, sessions, the audit trail, the queue, claims and rulings.

Nothing here knows the web. Whoever changes something gives an `Actor`, and the change and its audit line share one
transaction (`audit.record`).
"""
