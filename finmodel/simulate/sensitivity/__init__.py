"""What moves a metric: inputs one at a time, correlations in a sample, shares of variance, what drives the bad tail."""
