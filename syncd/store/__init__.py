"""The truth, in SQL. The only room that knows sqlalchemy; every statement is one named function."""
