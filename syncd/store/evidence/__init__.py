"""What is kept of evidence: collectings, answers, incidents as they were found, and since when records are in a state."""
