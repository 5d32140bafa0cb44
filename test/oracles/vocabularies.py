"""Writes two small WordPiece vocabularies, one cased and one uncased, to test/fixtures."""

from pathlib import Path
from string import ascii_lowercase, ascii_uppercase, digits, punctuation

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


def main() -> None:
    for name, cased in [("cased", True), ("uncased", False)]:
        tokens = vocabulary(cased)
        (FIXTURES / f"vocab.{name}.txt").write_text("".join(f"{token}\n" for token in tokens), encoding="utf-8", newline="\n")
        print(name, len(tokens))


if __name__ == "__main__":
    main()
