"""The one config flow is made of the flows of all backends: they must not collide."""

from annotationlib import get_annotations
from collections import defaultdict

from custom_components.junction.backends.flow import BackendFlow
from custom_components.junction.config_flow import FLOWS

SHARED = {"options_flow", "subentry_flows"}


def test_no_two_flows_use_the_same_name() -> None:
    used: defaultdict[str, set[str]] = defaultdict(set)
    for flow in FLOWS.values():
        for kind in flow.__mro__[: flow.__mro__.index(BackendFlow)]:
            for name in {*vars(kind), *get_annotations(kind)}:
                if not name.startswith("__") and name not in SHARED:
                    used[name].add(kind.__qualname__)
    assert {name: kinds for name, kinds in used.items() if len(kinds) > 1} == {}
