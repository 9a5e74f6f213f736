"""The corridor: order is kept, in one process or several."""

from __future__ import annotations

import pytest

from events import pipeline
from events.schema import Article


@pytest.mark.slow
def test_two_processes_give_what_one_gives_in_order():
    articles = [
        Article.of(f"Greece expelled {n} Turkish diplomats on Monday.", published="2024-01-02", language="en")
        for n in range(2, 80)
    ]
    articles.insert(40, Article.of("Tout est dit.", language="fr"))
    one = list(pipeline.code(articles))
    two = list(pipeline.code(articles, processes=2))
    assert [c.article.article_id for c in two] == [a.article_id for a in articles]
    assert [c.reports for c in two] == [c.reports for c in one]
    assert [c.skipped for c in two] == [c.skipped for c in one]
