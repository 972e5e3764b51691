"""Policy packs: from YAML and CEL to a decision diagram, and the walks over it. Knows nothing of models or files.

Where to find what, in the order in which a pack goes through it:

* The pack as written: ``source`` finds it, ``schema`` and ``checking`` check it, ``dated``, ``days``, ``standing`` and
  ``status`` say what of it stands on a day, ``reading`` how it is read, ``pack`` is all of it together.
* Its conditions: ``checked`` parses CEL, ``cel`` lowers it to ``ir``, ``conditions`` does so for a pack, with errors at
  their ``position``; ``as_cel`` and ``sentences`` write it back, for machines and for people.
* Its diagrams: ``cutting`` and ``cells`` cut facts into parts, ``diagram`` is the table of nodes, ``builder`` builds
  conditions in it, ``compile`` a pack; ``compiled`` is what comes out, and ``cache`` keeps it.
* A decision: ``joint`` asks several packs and places together, ``tiers``, ``reduced`` and ``reasons`` say what it rests
  on, ``verdicts`` order what is said, ``counterfactual`` finds what would make it another. ``define`` is the slow
  definition to which all of this is held.
* Walks over a pack: ``readings`` and ``clauses`` are what they walk over, ``untiered`` and ``invariants`` serve them,
  ``examples`` shows what they found. The walks are ``lint``, ``prove``, ``mutation`` and ``difference``.
* Cases: ``cases_file`` reads them, ``cases`` decides them, ``cases_result`` holds them to what they expect; ``coverage``
  and ``mutation`` say what they leave open, ``testing`` is all of it, ``timeline`` asks one on every day.
* Forms for others: ``show`` for readers, ``export`` for Rego and Cedar, ``new`` for a first pack.
"""
