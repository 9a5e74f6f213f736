"""DataFrames become plotly figures: theme, words, maps, timelines; a chart knows nothing else."""
