"""What people and their programs look at and press: /v1, the page of a case, and the demo. Decides nothing about sync."""
