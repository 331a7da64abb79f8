"""How uncertain a pressed cell is: what the cards do not know, and the choice of compaction law."""
