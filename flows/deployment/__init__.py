"""How kanit gets onto a Prefect server and stays there: catalogue, automations, `kanit deploy` and `kanit serve`."""
