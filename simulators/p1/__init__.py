"""Parts of the simulated P1 meter, which ``simulators.p1_meter`` assembles."""
