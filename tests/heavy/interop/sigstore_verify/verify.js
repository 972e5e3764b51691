// Verifies Sigstore bundles with @sigstore/verify. Reads from stdin a list of
// {bundle, keys: {hint: DER in base64}, timestamps: [DER in base64, the authority's own certificate first]},
// and writes for each "verified", or the error's message.
const { bundleFromJSON } = require("@sigstore/bundle");
const { Verifier, toSignedEntity, toTrustMaterial } = require("@sigstore/verify");

function verify({ bundle, keys, timestamps }) {
  const held = Object.entries(keys).map(([hint, der]) => [hint, { rawBytes: Buffer.from(der, "base64") }]);
  const certificates = timestamps.map((der) => ({ rawBytes: Buffer.from(der, "base64") }));
  const authorities = certificates.length ? [{ certChain: { certificates } }] : [];
  const root = { certificateAuthorities: [], timestampAuthorities: authorities, tlogs: [], ctlogs: [] };
  const wanted = { ctlogThreshold: 0, tlogThreshold: 0, timestampThreshold: certificates.length ? 1 : 0 };
  const verifier = new Verifier(toTrustMaterial(root, Object.fromEntries(held)), wanted);
  verifier.verify(toSignedEntity(bundleFromJSON(bundle)));
  return "verified";
}

const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
const answers = asked.map((one) => {
  try {
    return verify(one);
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
});
process.stdout.write(JSON.stringify(answers));
