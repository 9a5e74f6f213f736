"""One file a page: it asks and shows. Not named `pages`, which Streamlit would discover by itself."""
