"""The review application and Prefect's server as strangers meet them, and what kanit is made of."""
