"""What /v1 promises: each route declared once, and the document that is made of that."""
