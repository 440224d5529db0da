"""How fast the engine is: operations, the machine's peak rates, and how near to them a simulation comes."""
