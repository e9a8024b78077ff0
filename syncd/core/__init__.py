"""The pure middle: values and rules. No clock, socket, table or vendor in here."""
