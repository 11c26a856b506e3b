"""The closed loop, shown on a small repository by real runs: plan, observe, learn, gate, promote."""
