"""Is the incident response programme ready, and can that be proven? The pure rooms stand on core alone."""
