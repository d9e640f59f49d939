"""One list of faults for every HTTP backend, tested with the same code.

A `House` (house.py) is a simulated system with an entry that is set up with it; there is one per
backend. `faults.py` lists the faults and their expected effects; a house with another effect gives
the reason in its `differs`. `test_faults.py` tries every fault in every house.
"""
