"""What leaves the house: briefings as slides, documents, pages and data, each with its sources.

    recipe     a small TOML: whose events, which sections in which order, which words  ->  Recipe
    relation   the story of a dyad as measured: index, regimes, key events, totals     ->  Told
    content    a recipe asked of one store version                                     ->  Briefing (plain data)
    slides, paper, web, data     a Briefing  ->  PPTX, DOCX, HTML and PDF, XLSX and the data formats
    writer     picks one of these by the file's ending
    kinds, frames     one chart of a selection, framed with its words  ->  PNG, SVG, PDF, a page
    pictures   a figure drawn by an installed Chrome, for all of these

The same recipe at the same store version makes the same content: days count from the day of that version, and
nothing is stamped with the time of writing.
"""
