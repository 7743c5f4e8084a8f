"""The rules, one family a file: small pure functions in tuples; the order of reading is the order of judging."""
