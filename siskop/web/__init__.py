"""The pages: one blueprint a door, behind one gate. Nothing here changes a state; it asks the rooms below."""
