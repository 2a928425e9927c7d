#!/usr/bin/env python3
"""verify.py [--allow-duplicates] F.jsonl PUB [PUB ...]: is this what was sealed, and all of it?

F.jsonl holds one published record a line, in any order; what came from a broker holds copies, one from
each topic that applies: allow them. PUB is an Ed25519 public key, 64 hexadecimal digits, or its file.
Later keys are followed from the records that introduce them; records may be missing that one of kind
"eviction" names. Exit 0: all is good, 1: it is not, 2: it cannot be read. Needs python3-cryptography:
  hash = SHA-256(prev || seq in 8 bytes, the highest first || canonical JSON of record, RFC 8785)
  sig  = Ed25519(hash)     key = first 8 bytes of SHA-256(public key)     seq has no gaps
"""
import hashlib, json, os, re, sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

DIGITS = {name: f"[0-9a-f]{{{n}}}" for name, n in dict(prev=64, hash=64, sig=128, key=16).items()}


def unique(pairs):
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name stands twice in an object")
    return dict(pairs)


def add_key(keys, text, after):
    if not re.fullmatch(r"\s*[0-9a-fA-F]{64}\s*", text):
        raise ValueError(f"{text[:70]!r} is no key of 64 hexadecimal digits, nor a file of one")
    raw = bytes.fromhex(text)
    name = hashlib.sha256(raw).hexdigest()[:16]
    if name not in keys or after < keys[name][0]:
        keys[name] = (after, Ed25519PublicKey.from_public_bytes(raw))


def parse(line):
    whole = json.loads(line, object_pairs_hook=unique)
    proof, record = whole["proof"], whole["record"]
    known = (set(whole), set(proof), type(proof["seq"])) == ({"proof", "record"}, {"seq", *DIGITS}, int)
    fits = known and all(re.fullmatch(digits, proof[name]) for name, digits in DIGITS.items())
    if not fits or not 0 < proof["seq"] < 1 << 64:
        raise ValueError("not a record and a proof of the documented members")
    return proof, record


def check_alone(one, keys, gone, problems, strange):
    """What is wrong with one record by itself; a good one may introduce a key or name gaps."""
    number, proof, record = one
    after, key = keys.get(proof["key"], (0, None))
    if key is None or after >= proof["seq"]:
        return strange.append(one)
    # RFC 8785: its member names are plain ASCII, so that code points give their order
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    prev, seq, text = bytes.fromhex(proof["prev"]), proof["seq"].to_bytes(8, "big"), text.encode()
    place = f"sequence {proof['seq']} (line {number})"
    # records of the first versions have a hash without their sequence
    if proof["hash"] not in [hashlib.sha256(prev + it + text).hexdigest() for it in (seq, b"")]:
        return problems.append(f"{place}: altered")
    try:
        key.verify(bytes.fromhex(proof["sig"]), bytes.fromhex(proof["hash"]))
    except InvalidSignature:
        return problems.append(f"{place}: bad signature")
    if record["body"].get("event") == "key_introduced":
        add_key(keys, record["body"]["after"], proof["seq"])
    elif record["body"]["kind"] == "eviction" and record["body"]["what"] == "records":
        gone.update((span["first"], span["last"]) for span in record["body"]["spans"])


def missing(proofs, gone):
    reach, last = proofs[0]["seq"] - 1, proofs[-1]["seq"]
    for start, end in sorted([*gone, *((proof["seq"], proof["seq"]) for proof in proofs)]):
        if reach + 1 < start <= last:
            yield f"sequence {reach + 1}{f' to {start - 1}' if start > reach + 2 else ''}: missing"
        reach = max(reach, end)


def check_chain(proofs):
    """What is wrong between the records, which are in order."""
    for before, proof in zip([None, *proofs], proofs):
        seq = proof["seq"]
        before = before or {"seq": seq - 1, "hash": proof["prev"] if seq > 1 else "0" * 64}
        if seq == before["seq"]:
            what = "duplicate" if proof == before else "another record with the same sequence"
            yield f"sequence {seq}: {what}"
        elif seq == before["seq"] + 1 and proof["prev"] != before["hash"]:
            yield f"sequence {seq}: does not follow the record before it"


def main(arguments):
    named = [text for text in arguments if text != "--allow-duplicates"]
    keys, proofs, strange, unknown, problems, gone = {}, [], [], [], [], set()
    try:
        if len(named) < 2:
            raise ValueError(__doc__)
        for text in named[1:]:
            add_key(keys, open(text, encoding="ascii").read() if os.path.isfile(text) else text, 0)
        file = open(named[0], "rb")
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    for number, line in enumerate(file, 1):
        try:
            one = (number, *parse(line))
            proofs.append(one[1])
            check_alone(one, keys, gone, problems, strange)
        except (ValueError, KeyError, TypeError) as error:
            if line.strip():
                problems.append(f"line {number}: no published record: {error}")
    for one in sorted(strange, key=lambda one: one[1]["seq"]):
        check_alone(one, keys, gone, problems, unknown)
    told = "sequence {1[seq]} (line {0}): signed with key {1[key]}, which was not given"
    problems.extend(told.format(*one) for one in unknown)
    proofs.sort(key=lambda proof: proof["seq"])
    proofs = [p for last, p in zip([None, *proofs], proofs) if named == arguments or p != last]
    problems += [*check_chain(proofs), *(missing(proofs, gone) if proofs else [])]
    ends = [f", sequence {proofs[0]['seq']} to {p['seq']}, chain head {p['hash']}" for p in proofs[-1:]]
    print(*problems, f"{len(proofs)} records{''.join(ends)}, {len(problems)} problems", sep="\n")
    return 1 if problems or not proofs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
