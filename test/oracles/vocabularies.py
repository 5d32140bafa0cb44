"""Writes small vocabularies to test/fixtures: WordPiece, cased and uncased, and byte-level BPE."""

import json
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase, digits, punctuation

from tokenizers.implementations import ByteLevelBPETokenizer

FIXTURES = Path(__file__).parent.parent / "fixtures"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LOWER_WORDS = """the and of to in with for on no was were had not patient pt vax vaccine dose fever pain arm rash swelling
redness seizure hospital died death days hours after injection site taking drug report""".split()
LOWER_PIECES = "ing ed er s ion al ly ness ache itis emia pathy tion ment able".split()
CASED_WORDS = "The Patient Pt Fever Died Hospital Seizure MRI ECG Dr".split()
# Latin letters with and without accents, Greek with both small sigmas, Cyrillic, CJK in and beyond the basic plane.
LOWER_FOREIGN = "é è ä ö ü ß ñ ç α β σ ς ο δ υ и й е ё i̇ 博 推 日 \U00020bb7 \U0002f800 ° µ μ ½ € “ ” — … • 😀".split()
CASED_FOREIGN = "É Ä Ö Ü Ñ Σ Ο Δ Υ Й И".split()


def vocabulary(cased: bool) -> list[str]:
    letters = ascii_lowercase + (ascii_uppercase if cased else "")
    words = LOWER_WORDS + LOWER_FOREIGN + ((CASED_WORDS + CASED_FOREIGN) if cased else [])
    pieces = list(letters) + list(digits) + LOWER_PIECES + [word for word in words if len(word) == 1 and word.isalpha()]
    tokens = SPECIAL + list(punctuation) + list(digits) + list(letters) + words + [f"##{piece}" for piece in pieces]
    return list(dict.fromkeys(tokens))


def byte_level() -> tuple[dict[str, int], list[str]]:
    """Vocabulary and merges as RoBERTa has them in vocab.json and merges.txt, learned from a handful of words."""
    trained = ByteLevelBPETokenizer()
    words = LOWER_WORDS + LOWER_FOREIGN + CASED_WORDS + CASED_FOREIGN
    texts = [" ".join(words), " ".join(f"{word}{ending}" for word in LOWER_WORDS for ending in ["", "s", "ing", ".", "\n"])]
    # What JavaScript takes for white space and Unicode does not, and the other way round.
    texts.append("fever \ufeff pain\u0085.\u0085 " * 4)
    # Runs of spaces are one token, as in GPT-2: where a long text is cut must not divide one.
    texts.append((" " * 33 + "fever") * 20)
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    trained.train_from_iterator(texts * 2, vocab_size=410, min_frequency=2, special_tokens=special, show_progress=False)
    model = json.loads(trained.to_str())["model"]
    return {**model["vocab"], "<mask>": len(model["vocab"])}, [" ".join(merge) for merge in model["merges"]]


def main() -> None:
    for name, cased in [("cased", True), ("uncased", False)]:
        tokens = vocabulary(cased)
        (FIXTURES / f"vocab.{name}.txt").write_text("".join(f"{token}\n" for token in tokens), encoding="utf-8", newline="\n")
        print(name, len(tokens))
    vocab, merges = byte_level()
    text = json.dumps(vocab, ensure_ascii=False, separators=(",", ":"))
    (FIXTURES / "vocab.byteLevel.json").write_text(f"{text}\n", encoding="utf-8", newline="\n")
    lines = ["#version: 0.2", *merges]
    (FIXTURES / "merges.byteLevel.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
    print("byte-level", len(vocab))


if __name__ == "__main__":
    main()
