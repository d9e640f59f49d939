"""Group actions, as scenes or as buttons."""

from typing import Final

from homeassistant.components.button import ButtonEntityDescription
from homeassistant.helpers.entity import EntityDescription

from ....model import ButtonPoint, ScenePoint
from ..client.models import GroupAction
from .description import HUB, Installation, Plan, enabled_if

SCENE: Final = EntityDescription(key="group_action")
BUTTON: Final = ButtonEntityDescription(
    key="group_action", translation_key="openmotics_group_action"
)


def add(plan: Plan, installation: Installation) -> None:
    """Add all group actions."""
    for action in installation.configuration.actions:
        _add_action(plan, installation, action)


def _add_action(plan: Plan, installation: Installation, action: GroupAction) -> None:
    identity = f"group_action_{action.id}"

    async def run() -> None:
        await installation.send_stateless(
            installation.gateway.run_group_action(action.id)
        )

    if installation.settings.buttons:
        plan.add(
            ButtonPoint(
                device=HUB,
                id=identity,
                description=enabled_if(action.shown and not action.internal, BUTTON),
                name=action.name,
                press=run,
            )
        )
        return
    plan.add(
        ScenePoint(
            device=HUB,
            id=identity,
            description=enabled_if(action.shown and not action.internal, SCENE),
            name=action.name,
            activate=run,
        )
    )
