"""The registry database and the evidence store.

`settings` and `keys` come first; `database` opens the registry and hands out units of work; `inbox`, `queue`,
`cases` and `judgements` are the steps of the nightly batch in their order; `search` answers the queries of
Kılavuz m.8; `evidence` keeps the uploaded bytes. Everything about a person is sealed (see `keys`).
"""
