"""What the demo does, step by step, and what each step must show."""

from __future__ import annotations

from dataclasses import dataclass

from examples.demo_models import ADAPTER, CLOSED, OPEN

ATTESTATION = "atlas-pro.dsse.json"

_DEPLOYMENT = f"--model {CLOSED} --to aws/me-central-1 --operator emirates-secure.yaml --activity host"


@dataclass(frozen=True)
class Step:
    """One command.

    Attributes:
        title: What it is about, in a few words.
        shows: What to see in it.
        command: What follows ``weightgate``, as typed.
        code: The exit code it must end with.
        says: Text that its output must hold.
        reads: A file that it is given, shown before it; empty for none.
    """

    title: str
    shows: str
    command: str
    code: int
    says: str
    reads: str = ""


CHECKS = (
    Step(
        title="closed weights to Tier 3: deny",
        shows="The model's card says apache-2.0. A card is only a claim: nobody but the owner can download it.",
        command=f"check {CLOSED} --to azure/chinanorth3",
        code=1,
        says="[closed-weights-tier-3]",
    ),
    Step(
        title="closed weights to Tier 1: allow",
        shows="The operator's file says who runs the place. What the verdict owes to that file is listed.",
        command=f"check {CLOSED} --to aws/eu-central-1 --operator germany.yaml",
        code=0,
        says="[tier-1-unrestricted]",
        reads="germany.yaml",
    ),
    Step(
        title="closed weights to Tier 2, nothing said of security: indeterminate",
        shows="Nothing is assumed. The missing fact is named, with what would come of each answer.",
        command=f"check {CLOSED} --to aws/me-central-1 --operator emirates.yaml",
        code=3,
        says="operator.security_standards: Which security standards",
        reads="emirates.yaml",
    ),
    Step(
        title="closed weights to Tier 2, security standards attested: allow with conditions",
        shows="The same operator, with its standards. The decision is written to a file as well.",
        command=f"check {CLOSED} --to aws/me-central-1 --operator emirates-secure.yaml --output text "
        "--output json=decision.json",
        code=0,
        says="[closed-weights-tier-2-secure]",
        reads="emirates-secure.yaml",
    ),
    Step(
        title="open weights to Tier 3: allow",
        shows="That they are open was seen just now: a client without a token downloaded them.",
        command=f"check {OPEN} --to CN",
        code=0,
        says="[open-weights-exempt]",
    ),
    Step(
        title="large fine-tune of open weights by a Tier 2 company: licence required",
        shows="40% of the base's compute. The company names the base; that it is open was seen on the Hub.",
        command=f"check {ADAPTER} --to PL --activity fine_tune --operator poland.yaml --facts fine-tune.yaml",
        code=2,
        says="because model.finetune_share is 0.4",
        reads="fine-tune.yaml",
    ),
)
"""The four destinations, and what a fine-tune needs."""

GUARDS = (
    Step(
        title="guard runs a command that the decision allows",
        shows="It decides anew, and hands revision and digest to the command.",
        command=f"guard {CLOSED} --to aws/eu-central-1 --operator germany.yaml --output json=allowed.json -- "
        "sh -c 'echo deploying $WEIGHTGATE_REVISION'",
        code=0,
        says="weightgate: command exited 0",
    ),
    Step(
        title="guard refuses a command that it does not",
        shows="The command is not started, and the exit code is the verdict's.",
        command=f"guard {CLOSED} --to azure/chinanorth3 --output json=refused.json -- sh -c 'echo deploying'",
        code=1,
        says="weightgate: refused (deny)",
    ),
)
"""The hook before a deployment."""

SIGNING = (
    Step(
        title="make a key",
        shows="The private half is encrypted with a passphrase.",
        command="keys generate -o signer.pem",
        code=0,
        says="(encrypted)",
    ),
    Step(
        title="sign the decision",
        shows="The model is looked at again and the verdict derived again; on any difference nothing is signed.",
        command=f"attest decision.json --model {CLOSED} --key signer.pem -o {ATTESTATION}",
        code=0,
        says=f"wrote {ATTESTATION}",
    ),
    Step(
        title="verify the attestation, and derive its verdict again",
        shows="All it takes is the file and the public key. What was not established is said too.",
        command=f"verify {ATTESTATION} --key signer.pem.pub {_DEPLOYMENT} --gate --replay",
        code=0,
        says="VERIFIED us-ai-diffusion-draft",
    ),
)
"""A decision that a stranger can check."""

FORGED = Step(
    title="one byte of the attestation changed: not verified",
    shows="The signature does not hold.",
    command=f"verify forged.json --key signer.pem.pub {_DEPLOYMENT} --gate",
    code=6,
    says="NOT VERIFIED",
)

CHANGED = Step(
    title="one byte of the weights changed: not verified",
    shows="The attestation is genuine, and about other weights; the file that differs is named.",
    command=f"verify {ATTESTATION} --key signer.pem.pub {_DEPLOYMENT} --gate",
    code=6,
    says="contradicted: model: 'model.safetensors' has other content",
)
