"""One low-urgency incident taken through its whole life, to learn what holds of the account that syncd is to rely on."""
