"""Follow a config flow through the API, with prepared answers."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
import time
from typing import Final

from .api import Api, ApiError, Json

CONFIG_FLOW: Final = "/api/config/config_entries/flow"
OPTIONS_FLOW: Final = "/api/config/config_entries/options/flow"
SUBENTRY_FLOW: Final = "/api/config/config_entries/subentries/flow"


class FlowError(ApiError):
    """A flow did not go as expected."""


@dataclass(slots=True)
class FlowResult:
    """Result of a flow."""

    entry_id: str
    title: str
    steps: list[str] = field(default_factory=list)
    """The steps on the way, each with its kind: ``dsmr (form)``."""
    found: dict[str, str] = field(default_factory=dict)
    """What the steps' texts told: the placeholders of all."""


async def follow(
    api: Api,
    path: str,
    start: Mapping[str, Json],
    answers: Mapping[str, Mapping[str, Json]],
    timeout: float = 60,
    ends: Collection[str] = (),
) -> FlowResult:
    """Start a flow and follow it until it creates an entry or ends as expected.

    ``answers`` maps each step id to its fields; for a menu use ``{"next_step_id": …}``. A step
    without an answer is confirmed as it is. While the flow shows progress it is polled, as the
    user interface does. ``ends`` are the abort reasons that count as success.

    Raises FlowError if a form comes back with errors or the flow ends without an entry, and
    TimeoutError.
    """
    step = await api.request("POST", path, start)
    flow = f"{path}/{step['flow_id']}"
    result = FlowResult("", "")
    answered: set[str] = set()
    end = time.monotonic() + timeout
    while step["type"] != "create_entry":
        name = f"{step.get('step_id')} ({step['type']})"
        if not result.steps or result.steps[-1] != name:
            result.steps.append(name)
        result.found.update(step.get("description_placeholders") or {})
        match step["type"]:
            case "menu" | "form":
                # A form may open with the reason why it is shown.
                if step.get("errors") and step["step_id"] in answered:
                    await api.request("DELETE", flow)
                    raise FlowError(f"{name}: {step['errors']}")
                answered.add(step["step_id"])
                step = await api.request("POST", flow, _filled(step, answers))
            case "progress":
                await asyncio.sleep(0.25)
                step = await api.request("GET", flow)
            case "abort" if step["reason"] in ends:
                return result
            case "abort":
                raise FlowError(
                    f"aborted: {step['reason']}, after {', '.join(result.steps)}"
                )
            case kind:
                raise FlowError(f"{name}: nobody prepared for a step of kind {kind}")
        if time.monotonic() > end:
            await api.request("DELETE", flow)
            raise TimeoutError(f"the flow took more than {timeout:g} s, at {name}")
    entry = step.get("result")
    # The result of an options flow is not an entry but whether something was saved.
    if isinstance(entry, Mapping):
        result.entry_id, result.title = entry["entry_id"], entry["title"]
    return result


def _filled(step: Json, answers: Mapping[str, Mapping[str, Json]]) -> dict[str, Json]:
    """Return the form as the user interface sends it, with untouched sections empty."""
    sections = (
        field["name"]
        for field in step.get("data_schema") or ()
        if field.get("type") == "expandable"
    )
    return {**{name: {} for name in sections}, **answers.get(step["step_id"], {})}
