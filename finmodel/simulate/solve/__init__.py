"""The inverse question: at which value of one input is a target reached, everything else as it is."""
