"""Every code of a finding of ``trust lint``; the table in ``docs/trust.md`` is compared with this one."""

from __future__ import annotations

from weightgate.files.codes import Code, Severity

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

_TABLE = (
    Code("yaml", _ERROR, "It is not the YAML that is read here: anchors, aliases, tags, merge keys and keys that are there twice are refused too.", "Mend it at the place named."),
    Code("not_utf8", _ERROR, "The file is not UTF-8.", "Save it as UTF-8."),
    Code("too_large", _ERROR, "The file, or a list in it, outgrows a bound, which is named.", "Leave out what is no longer needed."),
    Code("trust_schema", _ERROR, "The file does not say that it is a trust file of this version.", "Begin it with `schema: weightgate/trust/v1`."),
    Code("unknown_key", _ERROR, "A key that trust files do not have; the nearest known one is named.", "Mend its spelling, or leave it out."),
    Code("missing_key", _ERROR, "A key is missing that must be there.", "Write it."),
    Code("bad_type", _ERROR, "A value is of another type than needed.", "Write what was needed."),
    Code("bad_value", _ERROR, "A value is not of the form that is needed, or a list is empty.", "Write what was needed; leave a limit out where there is none."),
    Code("bad_name", _ERROR, "An identity, a pack or a log has a name that is none.", "Use lower-case letters, digits and - _ or ."),
    Code("bad_date", _ERROR, "Not a day, or an end before its beginning.", "Write days as YYYY-MM-DD; both ends are inclusive."),
    Code("bad_digest", _ERROR, "Not a SHA-256 digest.", "Write `sha256:` and 64 lower-case hex digits."),
    Code("bad_version", _ERROR, "A minimum version is not three whole numbers in quotes.", 'Write it as `"1.2.0"`.'),
    Code("bad_age", _ERROR, "A maximum age is no number of days.", "Write a number above 0."),
    Code("twice", _ERROR, "An entry stands twice in one list.", "Keep one of them."),
    Code("unknown_identity", _ERROR, "An identity is named that the file does not have.", "Mend the name, or add it under `identities`."),
    Code("unknown_verdict", _ERROR, "Not a verdict.", "Write one of those listed."),
    Code("unknown_activity", _ERROR, "Not an activity.", "Write one of those listed."),
    Code("unknown_fact", _ERROR, "Not a fact.", "`docs/facts.md` lists every fact."),
    Code("unknown_pack", _ERROR, "Neither a shipped pack nor one that the file has a rule for.", "Mend the name, or add a rule under `packs`."),
    Code("unknown_country", _ERROR, "Not a country.", "Write an ISO 3166-1 alpha-2 code."),
    Code("unknown_subdivision", _ERROR, "Not a part of a country that rules tell apart.", "Write the country, or a part that is known."),
    Code("unknown_provider", _ERROR, "Not a cloud provider.", "Write `provider/region`."),
    Code("unknown_region", _ERROR, "Not a region of the provider.", "`weightgate region resolve` shows what is known."),
    Code("bad_key", _ERROR, "A key or certificate is not PEM text in the file itself.", "Write `key: |` and the lines of the `.pub` file under it."),
    Code("key_unreadable", _ERROR, "A key is damaged, or is a private one.", "Take it anew from its owner."),
    Code("key_type", _ERROR, "A key of a kind that does not sign here.", "Use Ed25519, ECDSA on P-256, P-384 or P-521, or RSA."),
    Code("certificate", _ERROR, "A certificate is damaged, or there are too many.", "Take it anew from the authority."),
    Code("bad_identity", _ERROR, "An identity is not exactly one of a key, a certificate authority with a subject, or a Sigstore identity.", "Write one of them."),
    Code("same_key", _ERROR, "Two identities are one: a single signature would speak for both, and thresholds would count it twice.", "Keep one of them, or give each a key of its own."),
    Code("succession", _ERROR, "The statement of a succession is not signed by the old key over the new one, or is no such statement.", "Write one with `weightgate trust succeed`."),
    Code("bad_succession", _ERROR, "Successions form no chain: two successors, a circle, days that do not follow one another, or no key.", "Let each key be succeeded by one other, each on a later day."),
    Code("bad_root", _ERROR, "The root is not made of keys, or its threshold is above their number.", "Name keys, and a threshold that they can meet."),
    Code("verifier_id", _ERROR, "A verifier_id is no URI.", "Write one, such as `https://example.com/weightgate`."),
    Code("bad_log_key", _ERROR, "A log's key is no verifier key of signed notes, or its hash is another's.", "Take it anew from the log."),
    Code("expired", _WARNING, "The file has expired: everything that rests on it fails.", "Write and sign a new version."),
    Code("expires_soon", _WARNING, "The file expires within 30 days.", "Write and sign a new version in time."),
    Code("not_begun", _WARNING, "The file does not hold yet: until then everything that rests on it fails.", "Check `from`."),
    Code("no_root", _WARNING, "Nobody can sign a new version: the file can only be replaced by hand.", "Add `root` with identities and a threshold."),
    Code("root_of_one", _WARNING, "One key alone can replace the whole file.", "Name more identities, and a threshold of 2 or more."),
    Code("threshold_too_high", _WARNING, "A grant takes more identities than it names, or than ever act at one time: it can never be met.", "Lower the threshold, or name more."),
    Code("window_ended", _WARNING, "A grant's last day has passed, or lies before its identities act. What was signed in time still counts.", "Leave it for as long as such attestations are asked for."),
    Code("no_grants", _WARNING, "Nobody may do anything.", "Add an entry to `decide`."),
    Code("unused_identity", _WARNING, "Nothing names the identity.", "Name it in a grant or in the root, or leave it out."),
    Code("weak_key", _NOTE, "An RSA key of fewer than 3072 bits.", "Let a stronger key take its place: `weightgate trust succeed`."),
    Code("no_limits", _NOTE, "A grant has no limit at all: whatever its identities sign counts, for ever.", "Limit it by what it is for, or by days."),
    Code("no_verifier_id", _NOTE, "A grant to decide has no `verifier_id`, so that summaries of verification (VSA, SVR) signed under it match nobody.", "Add one, if they are signed."),
    Code("unreachable_pack", _WARNING, "No grant allows the pack to decide, or it must be signed and nobody may sign it.", "Name it in a grant, or leave the rule out."),
    Code("shipped_refused", _NOTE, "The pack as this version of weightgate ships it does not meet its rule: decisions that are made with it here will not count.", "Nothing, if another version is meant."),
    Code("expires_late", _NOTE, "The file holds for more than three years: whoever keeps an old one in place can do so for as long.", "Let it expire sooner."),
    Code("open_pack_rule", _NOTE, "A rule for a pack asks for nothing.", "Add `digests`, `minimum_version` or `signed`."),
    Code("ca_expires", _WARNING, "A certificate authority's certificate is not valid on this day, or ends before the file does.", "Take its new certificate from the authority."),
)  # fmt: skip

CODES: dict[str, Code] = {code.name: code for code in _TABLE}
"""Every code by its name."""


def table() -> str:
    """The table of codes in Markdown, gravest first."""
    text = "| code | severity | meaning | what to do |\n| --- | --- | --- | --- |\n"
    for severity in Severity:
        for code in CODES.values():
            if code.severity is severity:
                text += f"| `{code.name}` | {severity} | {code.meaning} | {code.fix} |\n"
    return text
