"""What of a Mycodo becomes which entity (reference §4, §6, §8)."""
