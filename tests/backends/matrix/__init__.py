"""One list of faults that every HTTP backend is held to, by the same code.

A `House` (house.py) is a simulated system with an entry that is set up with it; there is
one per backend. `faults.py` has what goes wrong, and what should come of it; a house that
differs says so, with the reason, in its `differs`. `test_faults.py` tries every fault in
every house.
"""
