"""The MQTT door: the hub subscribes where devices publish, and acknowledges what is on disk."""
