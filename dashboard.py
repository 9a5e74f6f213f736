"""The dashboard's entry: `streamlit run dashboard.py`."""

from __future__ import annotations

import streamlit as st

app = st.App("events/dashboard/main.py")
