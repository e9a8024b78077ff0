"""`syncd demo --script tour`: the demo presses its own buttons, and sees for itself what came of each."""
