"""Why a case and its incident are not in step: what is known of a reference, put before the gates of core/why."""
