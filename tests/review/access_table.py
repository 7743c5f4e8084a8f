"""Who may ask for what, written down a second time: a route that is opened to somebody else must be opened here too."""

from storage.desk.accounts import Role

ALL = tuple(Role)
OFFICERS = (Role.REVIEWER, Role.SUPERVISOR)
READERS = (*OFFICERS, Role.AUDITOR)

OPEN = (
    ("GET", "/health"),
    ("POST", "/preferences"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/oidc/start"),
    ("GET", "/oidc/return"),
)
"""Open to everybody, logged in or not."""

TABLE: dict[tuple[str, str], tuple[Role, ...]] = {
    ("GET", "/"): ALL,
    ("GET", "/alive"): ALL,
    ("GET", "/confirm"): ALL,
    ("POST", "/confirm"): ALL,
    ("POST", "/logout"): ALL,
    ("GET", "/account"): ALL,
    ("POST", "/account/password"): ALL,
    ("GET", "/account/second-factor"): ALL,
    ("POST", "/account/second-factor"): ALL,
    ("POST", "/account/second-factor/off"): ALL,
    ("POST", "/account/sessions"): ALL,
    ("GET", "/accounts"): (Role.OPERATOR,),
    ("GET", "/accounts/new"): (Role.OPERATOR,),
    ("POST", "/accounts/new"): (Role.OPERATOR,),
    ("GET", "/accounts/{number:int}"): (Role.OPERATOR,),
    ("POST", "/accounts/{number:int}/role"): (Role.OPERATOR,),
    ("POST", "/accounts/{number:int}/password"): (Role.OPERATOR,),
    ("POST", "/accounts/{number:int}/second-factor"): (Role.OPERATOR,),
    ("POST", "/accounts/{number:int}/sessions"): (Role.OPERATOR,),
    ("POST", "/accounts/{number:int}/close"): (Role.OPERATOR,),
    ("POST", "/accounts/{number:int}/open"): (Role.OPERATOR,),
    ("GET", "/cases/{application_id}"): READERS,
    ("GET", "/cases/{application_id}/papers/{document:int}"): READERS,
    ("GET", "/cases/{application_id}/papers/{document:int}/pages/{page:int}"): READERS,
    ("GET", "/cases/{application_id}/history"): READERS,
    ("GET", "/cases/{application_id}/dossier.{form}"): READERS,
    ("POST", "/cases/{application_id}/reveal"): OFFICERS,
    ("POST", "/cases/{application_id}/claim"): OFFICERS,
    ("GET", "/cases/{application_id}/decide/{deed}"): OFFICERS,
    ("POST", "/cases/{application_id}/decide/{deed}"): OFFICERS,
    ("GET", "/cases/{application_id}/decisions/{ruling:int}"): OFFICERS,
    ("GET", "/cases/{application_id}/decisions/{ruling:int}/letter"): OFFICERS,
    ("GET", "/proposals"): OFFICERS,
    ("GET", "/proposals/{ruling:int}"): OFFICERS,
    ("POST", "/proposals/{ruling:int}"): (Role.SUPERVISOR,),
    ("GET", "/queue"): (*OFFICERS, Role.OPERATOR),
    ("POST", "/queue/search"): OFFICERS,
    ("POST", "/queue/claim"): OFFICERS,
    ("POST", "/queue/release"): OFFICERS,
    ("POST", "/queue/next"): OFFICERS,
    ("GET", "/queue/marks"): OFFICERS,
    ("POST", "/queue/views"): OFFICERS,
    ("POST", "/queue/views/forget"): OFFICERS,
    ("POST", "/queue/bulk"): OFFICERS,
    ("POST", "/queue/bulk/rule"): OFFICERS,
    ("GET", "/statistics"): (*READERS, Role.OPERATOR),
    ("GET", "/statistics/{figure}.{form}"): (*READERS, Role.OPERATOR),
    ("GET", "/query"): (Role.PROVIDER_QUERY, Role.SUPERVISOR),
    ("POST", "/query"): (Role.PROVIDER_QUERY, Role.SUPERVISOR),
    ("POST", "/query/certificates"): (Role.PROVIDER_QUERY, Role.SUPERVISOR),
    ("GET", "/audit"): (Role.AUDITOR, Role.SUPERVISOR),
    ("POST", "/audit/verify"): (Role.AUDITOR, Role.SUPERVISOR),
    ("GET", "/audit/lines.{form}"): (Role.AUDITOR, Role.SUPERVISOR),
}
"""Method and path of every other route, and the roles that may ask for it. Each room adds its own."""
