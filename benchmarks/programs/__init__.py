"""Programs that rows start as processes of their own: clients whose cost must not fall on the harness, and tools."""
