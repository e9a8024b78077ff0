"""A check-up of the whole daemon and of its accounts. It writes nothing anywhere but what a diagnosis notes down here."""
