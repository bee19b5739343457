"""`make bench`: retrieval, speed, understanding; the last trains its rival, DIET, for about twenty minutes."""

from benchmarks import retrieval, understanding, webhook

for measure in (retrieval, webhook, understanding):
    measure.main()
