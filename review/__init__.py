"""The reviewer's desk: a web application on the registry's own functions. Nothing imports it, and it knows no Prefect.

`app.create_app` puts the rooms together. A room is a module of `app.ROOMS` that exports `routes`; every endpoint says
by `access.needs` who may ask for it, and answers by `pages.page`; `navigation.PLACES` leads to it.
"""
