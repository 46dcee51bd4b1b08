"""mosquitto, the MQTT broker, under our supervision where this machine has it."""
