"""Fail when modules of a package import each other in a circle.

    python scripts/check_cycles.py PACKAGE...

Imports for type checkers count as well, because two modules that need each other's types
are as hard to understand separately as two that call each other.
"""

from collections.abc import Iterator, Mapping
import sys

import grimp


def circles(imports: Mapping[str, set[str]]) -> Iterator[list[str]]:
    """Yield each set of modules that reach each other (Tarjan's algorithm)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    for root in sorted(imports):
        if root in index:
            continue
        # Without recursion, because a chain of imports may exceed the recursion limit.
        work = [(root, iter(sorted(imports[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            module, targets = work[-1]
            for target in targets:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(sorted(imports[target]))))
                    break
                if target in on_stack:
                    low[module] = min(low[module], index[target])
            else:
                work.pop()
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[module])
                if low[module] == index[module]:
                    at = stack.index(module)
                    group = stack[at:]
                    del stack[at:]
                    on_stack.difference_update(group)
                    if len(group) > 1:
                        yield sorted(group)


def main(packages: list[str]) -> int:
    """Print every circle and return how many there are."""
    graph = grimp.build_graph(
        *packages, cache_dir=None, exclude_type_checking_imports=False
    )
    imports = {
        module: graph.find_modules_directly_imported_by(module)
        for module in graph.modules
    }
    found = list(circles(imports))
    for group in found:
        print("Modules that import each other:")
        for module in group:
            for target in sorted(imports[module].intersection(group)):
                print(f"  {module} -> {target}")
    return len(found)


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
