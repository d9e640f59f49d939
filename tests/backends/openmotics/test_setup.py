"""Setting a gateway up: what it costs, what there is, and leaving nothing behind."""

import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry
from simulators.openmotics.server import GatewayServer
from .conftest import Entities

async def test_smoke(hass, om, entities, gateway):
    for k,v in sorted(entities.all().items()):
        st=hass.states.get(v.entity_id)
        print(k, v.entity_id, v.disabled_by, st and st.state, st and st.name)
    print(gateway.server.log.count(), [r.path for r in gateway.server.log.requests])
