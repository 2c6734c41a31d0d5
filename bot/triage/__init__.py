"""What decides where a conversation goes: pure, without clock, network, disk or channel."""
