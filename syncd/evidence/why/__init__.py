"""Why evidence says what it does of one service, schedule or incident, or nothing of it: by the gates of core/why/proving."""
