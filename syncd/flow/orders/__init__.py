"""What a person orders: pause, observe, replay, park, decide a conflict."""
