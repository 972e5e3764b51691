#!/bin/sh
# A release that strangers can trust: the lab declares, the gate decides and signs, the deployer verifies, and a decision is
# taken back. Each party has its own key, and the trust file says what each may say.
#
#     sh examples/trusted_release.sh MODEL WORK
#
# MODEL is a folder with weights; everything is written to WORK, which must be new. Each step's exit code is checked: the
# first surprise ends the script with exit 1. Of everything it names, only weightgate has to be installed.
set -eu

model=$(cd "$1" && pwd)
mkdir -- "$2"
cd -- "$2"

: "${WEIGHTGATE_KEY_PASSPHRASE:=made up for the example}"     # one for all keys here; yours have one each
export WEIGHTGATE_KEY_PASSPHRASE

# step CODE COMMAND…: run it, and go on only with that exit code.
step() {
    wanted=$1
    shift
    printf '\n$ weightgate %s\n' "$*"
    code=0
    weightgate "$@" || code=$?
    if [ "$code" -ne "$wanted" ]; then
        echo "expected exit code $wanted, not $code" >&2
        exit 1
    fi
}

# Who there is. In life each key is made where it stays: root-a and root-b offline, with two people.
for who in root-a root-b lab gate; do
    step 0 keys generate -o "$who.pem"
done
step 0 trust new --root root-a.pem.pub --root root-b.pem.pub --signer gate.pem.pub --declarer lab.pem.pub -o trust.yaml

# The first version is put in place by hand, so narrow it now: the gate decides under one pack.
pack=us-ear-ai-diffusion-2025
sed "s/# packs: \[us-ai-diffusion-draft\]/packs: [$pack]/" trust.yaml > narrow.yaml
mv narrow.yaml trust.yaml
step 0 trust lint trust.yaml
step 0 trust show trust.yaml

# The gate cannot tell: of a private model nobody outside knows what went into it.
printf 'headquarters: AE\nultimate_parent: AE\n' > operator.yaml
asked="--to AE --operator operator.yaml --policy $pack"
# shellcheck disable=SC2086  # the words of $asked are options
step 3 check "$model" $asked

# The lab knows, and signs it.
until=$(sed -n 's/^expires: \([0-9-]*\).*/\1/p' trust.yaml)
step 0 declare "$model" model.openness=closed model.training_operations=2.5e25 \
    --source "training log, run 7" --until "$until" --key lab.pem -o declaration.json
# shellcheck disable=SC2086
step 0 check "$model" $asked --facts declaration.json --trust trust.yaml --attest release.json --key gate.pem

# Whoever deploys asks about the very model, place and operator, and derives the verdict again.
verify="verify release.json --trust trust.yaml --to AE --operator operator.yaml --activity host --gate --replay"
# shellcheck disable=SC2086
step 0 $verify --model "$model"

# The lab may declare, and not decide: what it signs as a decision counts for nobody.
# shellcheck disable=SC2086
step 0 check "$model" $asked --facts declaration.json --trust trust.yaml --attest own.json --key lab.pem
step 6 verify own.json --trust trust.yaml

# It was a mistake after all. Whoever has the newest list refuses.
step 0 revoke revoked.json --key gate.pem --attestation release.json --reason mistake
# shellcheck disable=SC2086
step 6 $verify --model "$model" --revocations revoked.json

# The next version of the trust file takes the lab's word no more; both roots sign it.
sed -e 's/^version: 1/version: 2/' -e 's/^declare:/# declare:/' trust.yaml > next.yaml
step 0 trust sign next.yaml --key root-a.pem
step 6 trust update trust.yaml next.yaml
step 0 trust sign next.yaml --key root-b.pem
step 0 trust update trust.yaml next.yaml
# shellcheck disable=SC2086
step 3 check "$model" $asked --facts declaration.json --trust trust.yaml

printf '\nAll as expected.\n'
