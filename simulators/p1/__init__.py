"""The parts of the simulated P1 meter; ``simulators.p1_meter`` puts them together."""
