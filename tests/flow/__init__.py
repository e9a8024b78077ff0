"""The stories of the daemon, each against two make-believe sides and a stopped clock, on both databases."""
