"""The history of the schema, one for SQLite and PostgreSQL. A migration must leave the release before it able to run."""
