"""The admin's pages of what is owed to the state: a page per report, each row opens its orders."""
