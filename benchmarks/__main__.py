"""`make bench`: retrieval, speed, understanding; the last trains its rival, DIET, for twenty minutes and more."""

from benchmarks import retrieval, understanding, webhook

for measure in (retrieval, webhook, understanding):
    measure.main()
