"""Checking papers with their issuer; off unless `issuer_url` is set.

    port.py       what an issuer is asked and answers, and the one error: it could not be reached
    gateway.py    an institution's own gateway over HTTP; docs/issuer.md is its contract
    patience.py   rate, retries and the circuit breaker around any port
    checking.py   a paper's answer: the issuer's original is read in the sandbox and compared
    night.py      the batch's papers that nobody has asked about yet

No public site is scraped: a port needs somebody who has agreed to answer.
"""
