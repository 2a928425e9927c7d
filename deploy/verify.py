#!/usr/bin/env python3
"""verify.py F.jsonl PUB [PUB ...]: is this what was sealed, all of it, and nothing else?

F.jsonl holds one published record a line, {"record": ..., "proof": ...}, in any order, as
`wimd ledger export` writes it. PUB is an Ed25519 public key, 64 hexadecimal digits, or a file
that holds it; name several when keys were changed. Exit 0 when all is good, else 1.

Written apart from wimd, from the documented format alone:
  hash = SHA-256(prev || canonical JSON of record, RFC 8785)     sig = Ed25519(hash)
  key  = first 8 bytes of SHA-256(public key)                    seq has no gaps
Needs python3-cryptography and nothing else. Copy it freely.
"""
import hashlib
import json
import os
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ZERO = "0" * 64


def no_float(text):
    raise ValueError(f"the number {text} is no integer")


def unique(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in an object")
    return found


def load_keys(arguments):
    keys = {}
    for argument in arguments:
        text = argument
        if os.path.isfile(argument):
            with open(argument, encoding="ascii") as file:
                text = file.read()
        raw = bytes.fromhex(text.strip())
        keys[hashlib.sha256(raw).hexdigest()[:16]] = Ed25519PublicKey.from_public_bytes(raw)
    return keys


def canonical(record):
    """RFC 8785; its member names are plain ASCII, so that code points give their order."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def parse(line):
    whole = json.loads(line, parse_float=no_float, object_pairs_hook=unique)
    proof, record = whole["proof"], whole["record"]
    if set(whole) != {"proof", "record"} or set(proof) != {"seq", "prev", "hash", "sig", "key"}:
        raise ValueError("other members than record and proof, or than the proof's five")
    if type(proof["seq"]) is not int or proof["seq"] < 1:
        raise ValueError("the sequence is not a number from 1")
    for name, digits in (("prev", 64), ("hash", 64), ("sig", 128), ("key", 16)):
        if len(proof[name]) != digits or set(proof[name]) - set("0123456789abcdef"):
            raise ValueError(f"{name} is not {digits} lower-case hexadecimal digits")
    return proof, record


def check_alone(proof, record, keys):
    """What is wrong with one record, without looking at any other."""
    digest = hashlib.sha256(bytes.fromhex(proof["prev"]) + canonical(record)).hexdigest()
    if digest != proof["hash"]:
        yield "altered"
    if proof["key"] not in keys:
        yield f"signed with key {proof['key']}, which was not given"
        return
    try:
        keys[proof["key"]].verify(bytes.fromhex(proof["sig"]), bytes.fromhex(proof["hash"]))
    except InvalidSignature:
        yield "bad signature"


def check_chain(proofs):
    """What is wrong between the records."""
    before = None
    for proof in sorted(proofs, key=lambda proof: proof["seq"]):
        seq = proof["seq"]
        if before is not None and seq == before["seq"]:
            same = proof["hash"] == before["hash"] and proof["prev"] == before["prev"]
            yield f"sequence {seq}: {'duplicate' if same else 'another record with the same sequence'}"
            continue
        if before is None:
            if seq == 1 and proof["prev"] != ZERO:
                yield "sequence 1: does not begin the chain"
        elif seq > before["seq"] + 1:
            yield f"sequence {before['seq'] + 1} to {seq - 1}: missing"
        elif proof["prev"] != before["hash"]:
            yield f"sequence {seq}: does not follow the record before it"
        before = proof


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    keys, proofs, problems = load_keys(arguments[1:]), [], []
    with open(arguments[0], "rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                proof, record = parse(line)
            except (ValueError, KeyError, TypeError) as error:
                problems.append(f"line {number}: no published record: {error}")
                continue
            proofs.append(proof)
            for problem in check_alone(proof, record, keys):
                problems.append(f"sequence {proof['seq']} (line {number}): {problem}")
    problems.extend(check_chain(proofs))
    print("\n".join(problems + [f"{len(proofs)} records, {len(problems)} problems"]))
    return 1 if problems or not proofs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
