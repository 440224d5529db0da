"""Monte Carlo: draws for the uncertain inputs and the shocks, the run over many paths, and what is read from it."""
