"""The dashboard: pages ask the store, hand frames to the charts, and show what comes back."""
