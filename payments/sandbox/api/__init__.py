"""The /v1 API: routes, their parameters and their answers."""
