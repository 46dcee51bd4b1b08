"""The recorded plants that travel with the hub, by the name that commands know them under."""

from solarhub.demo.plant import Plant
from solarhub.demo.plants.pecos import PECOS

PLANTS: dict[str, Plant] = {PECOS.key: PECOS}
