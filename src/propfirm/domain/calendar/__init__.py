"""When a trading day begins and ends, what the exchange does on holidays, and the clock events that follow from it."""
