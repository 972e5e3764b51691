"""Write the page of each shipped pack, with a section for each rule: ``python -m tools.packs``.

With ``--check`` nothing is written; a page that differs from its pack is named, and the exit code is 1.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from tools.generated import NOTE, main
from weightgate.policy.cases import case_files, run_cases
from weightgate.policy.pack import Pack
from weightgate.policy.show import show
from weightgate.policy.show.markdown import markdown
from weightgate.policy.show.markup import escaped
from weightgate.policy.source import PackSource, find_pack, shipped_packs

CASES = 6
"""Cases that are named for each rule; the rest are in the pack's folder."""


def pages() -> dict[str, str]:
    """The page of each pack, and the list of them, by their file names."""
    sources = [find_pack(name) for name in shipped_packs()]
    note = NOTE.format(tool="packs.py")
    made = {f"packs/{source.name}.md": note + page(source) for source in sources}
    return {"packs/index.md": note + index(sources), **made}


def index(sources: list[PackSource]) -> str:
    """The list of packs."""
    text = "# The packs that come with weightgate\n\nEach page is the pack itself, in sentences, as of the last day on which something in it changes. The list says what its\ntext was worth that day.\n\n"
    for source in sources:
        document = Pack(source).document
        summary = escaped(document.summary)
        text += f"- [{escaped(document.title)}]({source.name}.md) (`{source.name}`, {_status(source)}): {summary}\n"
    return text


def _status(source: PackSource) -> str:
    """What a pack's text is worth on the day as of which its page shows it."""
    day = last_change(Pack(source))
    return f"**{show(source, day).status_then.replace('_', ' ')}** on {day}"


def page(source: PackSource) -> str:
    """A pack as of the last day on which something in it changes."""
    return markdown(show(source, last_change(Pack(source))), cases_of(source), last_change=True)


def last_change(pack: Pack) -> str:
    """The last day on which something in a pack changes, its status included."""
    statuses = [*pack.document.status, *(row for rule in pack.document.rules for row in rule.status)]
    return max(pack.standings[-1].start, *(row.from_ for row in statuses))


def cases_of(source: PackSource) -> Mapping[str, list[str]]:
    """For each rule, the first cases in which it certainly applies."""
    found: dict[str, list[str]] = {}
    for result in run_cases(source, case_files(source)):
        for rule in result.applies:
            found.setdefault(rule, []).append(result.name)
    return {rule: names[:CASES] for rule, names in found.items()}


if __name__ == "__main__":
    sys.exit(main(pages, __doc__))
