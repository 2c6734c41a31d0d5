"""Who a person can turn to: lines, offices, places, and the actions that flows call."""
