"""Writes test/fixtures/tokenizer.json: ids that Hugging Face `tokenizers` gives to awkward texts."""

import json
import platform
from pathlib import Path

import tokenizers
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, processors
from tokenizers.implementations import BertWordPieceTokenizer

ROOT = Path(__file__).parent.parent.parent
FIXTURES = ROOT / "test" / "fixtures"
MAX_LENGTHS = [8, 16, 64, 256]

BLANK = ["", " ", "   ", "\t", "\n", "\r\n", " \t\r\n ", "\u00a0", "\u2003", "\u3000", "\u2028", "\u2029", "\u0085"]

CONTROL = [
    "fever\x00pain", "fever\x01pain", "\x7f", "fever\x7fpain", "a\x1fb", "fever\x0bpain", "fever\x0cpain", "a\u0080b",
    "fever\ufffdpain", "\ufffd", "\ufeffpatient", "pa\ufefftient", "a\tb\nc\rd", "line one\r\nline two",
]

ZERO_WIDTH = [
    "fe\u200bver", "fe\u200cver", "fe\u200dver", "\u200e\u200f", "a\u00adb", "\u2060pain\u2060", "pain\u180e",
    "\u202apain\u202c", "a\u061cb",
]

ACCENTS = [
    "UNwantéd,running", "café", "cafe\u0301", "CAFE\u0301", "naïve Ménière", "Sjögren's", "Å", "A\u030a", "\u212b",
    "e\u0301\u0323", "\u0301", " \u0301 a", "ñandú", "straße STRASSE ẞ", "İstanbul ı", "Ünïcödé", "ǅ ǆ Ǆ", "ﬁbrosis",
    "đ ł ø", "Việt Nam", "й Й и\u0306", "ё Ё", "한국어", "क\u093f", "ก\u0e34", "\u0627\u064e", "ὠΔΥΣΣΕΎΣ", "ö\u0308",
]

GREEK = ["ΟΔΟΣ", "ΟΔΟΣ.", "ΟΔΟΣ ΟΔΟΣ", "Σ", "ΣΣ", "σς", "ΣΑΣ'Σ", "ΟΔΥΣΣΕΥΣ", "ΑΣ\u0301Α", "οδος ΟΔΟς", "ΣΑΣ"]

CJK = [
    "ah博推zz", "日本語のテキスト", "博", "博 推", "病人发烧39度", "\U00020bb7", "\U00020bb7野家", "a\U0002f800b", "\U0002f800", "\uf900",
    "\U0002a6df\U0002a700", "\U0002b740\U0002b820", "\U00030000", "ｆｅｖｅｒ", "、。「」", "〇", "々", "ㄅ", "ｱ", "\U0002ceaf\U0002ceb0",
]

EMOJI = ["😀", "fever😀pain", "👨‍👩‍👧", "👍🏽", "🇩🇪", "❤️", "☺", "™ ® ©", "a️b"]

SPECIAL = [
    "[SEP]", "fever [SEP] pain", "fever[SEP]pain", "[MASK]", "[CLS] [PAD] [UNK]", "[sep]", "[Sep]", "[ SEP ]", "[SEP", "[[SEP]]",
    "[MASK][MASK]", "[SEP] [SEP]", "[unused1]", "[CLS]", "##ing", "## ing", "fever ##er",
]

SPECIAL += [
    "<mask>", "fever <mask> pain", "fever\t <mask>pain", "<mask><mask>", "</s>", "fever</s> <s>pain", "<unk>", "< mask >", "<MASK>",
]

SPACES = [
    "fever  pain", "fever   pain ", " fever", "  fever", "fever \n pain", "\n\nfever\t\tpain\n\n", "fever .  , pain", "'s pt's  's",
    "fever \ufeff pain", "fever\u0085. pain", "fever \u0085\u0085 pain",
]

WORDS = [
    "x" * 99, "x" * 100, "x" * 101, "é" * 100, "e\u0301" * 100, "fever " + "a" * 150 + " pain", "博" * 120, "\U00020bb7" * 101,
    "😀" * 100, "😀" * 101, "-".join(["a"] * 120), "É" * 101, "Σ" * 101, "a" * 100 + "\u0301",
]

PUNCTUATION = [
    "pt's fever (104.5°F), pain/swelling;rash...", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "a`b^c~d$e<f=g>h|i+j", "“quoted” — dash…",
    "¡hola! ¿qué?", "½ dose µg μg", "5×10⁶/mL ≥38.5 ±2 ≠", "•item ·dot", "$100 €5 £3 ¥", "a_b a-b a\u2010b a\u2011b", "١٢٣", "²³¹", "§ ¶ † ‡",
    "´acute ¨", "http://example.org/a?b=c&d=%20", "name@example.org", "=SUM(A1)", "\u2032\u2033", "\\N", "\"\"",
]

CLINICAL = [
    "Patient died 3 days after vaccination.", "14AUG92 pt devel cellulitis in the lt arm, site of vax given 11AUG92;",
    "FEVER AND RASH; NO HOSPITALIZATION", "pt recvd vax; devel fever, 3 vesicles & a red, flat rash", "MRI/ECG nl. Dr. notified @ 10:30pm",
    "Hx: asthma,DM2;Rx: ASA 81mg q.d. -> d/c'd", "tx w/ acetaminophen x 2 days; resolved", "The Patient was hospitalized with Guillain-Barré syndrome.",
    "anaphylaxis\ttachycardia\r\nhypotension", "no adverse events reported",
]

# (unit, times, rest): the text is the unit so many times, then the rest.
LONG = [
    ("The patient had fever and pain in the arm after injection. ", 60, ""),
    ("word" * 30 + " ", 300, ""),
    ("fever\n", 3000, ""),
    ("x", 5000, ""),
    ("博", 300, ""),
    ("fever\u00a0", 1500, ""),
    ("[SEP] ", 300, ""),
    ("died ", 253, "hospital"),
    ("died ", 254, ""),
    ("died ", 255, ""),
    (" ", 10000, "fever"),
    ("a" * 101 + "\n", 700, "fever"),
    ("ΟΔΟΣ café\u0301 ", 200, ""),
    ("fever    \n", 2000, ""),
    ("fever" + " " * 200, 10, "pain"),
]

TEXTS = BLANK + CONTROL + ZERO_WIDTH + ACCENTS + GREEK + CJK + EMOJI + SPECIAL + SPACES + WORDS + PUNCTUATION + CLINICAL

# `options` is what tokenizer_config.json would say, in the words of transformers.
VARIANTS = [
    ("vocab.cased.txt", {"do_lower_case": False}),
    ("vocab.uncased.txt", {"do_lower_case": True}),
    ("vocab.uncased.txt", {"do_lower_case": True, "strip_accents": False}),
    ("vocab.cased.txt", {"do_lower_case": False, "strip_accents": True}),
    ("vocab.cased.txt", {"do_lower_case": False, "tokenize_chinese_chars": False}),
    ("vocab.byteLevel.json", {"add_prefix_space": False}),
    ("vocab.byteLevel.json", {"add_prefix_space": True}),
]


def of_vocabulary(name: str, options: dict):
    return byte_level(options["add_prefix_space"]) if name.endswith(".json") else word_piece(name, options)


def byte_level(add_prefix_space: bool) -> Tokenizer:
    """As RobertaTokenizer of transformers 5.23 makes it from vocab.json and merges.txt."""
    files = str(FIXTURES / "vocab.byteLevel.json"), str(FIXTURES / "merges.byteLevel.txt")
    tokenizer = Tokenizer(models.BPE.from_file(*files, continuing_subword_prefix="", end_of_word_suffix=""))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
    mask = AddedToken("<mask>", lstrip=True, normalized=False)
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", mask])
    sep, cls = [(token, tokenizer.token_to_id(token)) for token in ["</s>", "<s>"]]
    tokenizer.post_processor = processors.RobertaProcessing(sep, cls, True, add_prefix_space)
    return tokenizer


def word_piece(name: str, options: dict) -> BertWordPieceTokenizer:
    return BertWordPieceTokenizer(
        str(FIXTURES / name),
        lowercase=options["do_lower_case"],
        strip_accents=options.get("strip_accents"),
        handle_chinese_chars=options.get("tokenize_chinese_chars", True),
    )


def truncations(tokenizer, texts: list[str]) -> list[dict]:
    """The ids of each text at each length; a text that fits is there as well, marked as not truncated."""
    found = []
    for index, text in enumerate(texts):
        tokenizer.no_truncation()
        whole = len(tokenizer.encode(text).ids)
        for max_length in MAX_LENGTHS:
            tokenizer.enable_truncation(max_length)
            ids = tokenizer.encode(text).ids
            found.append({"text": index, "maxLength": max_length, "truncated": whole > max_length, "ids": ids})
    tokenizer.no_truncation()
    return found


def one_item_a_line(items: list) -> str:
    return "[\n" + ",\n".join(json.dumps(item, separators=(",", ":")) for item in items) + "\n]"


def main() -> None:
    sources = [("default", {}, Tokenizer.from_file(str(ROOT / "models" / "default" / "tokenizer.json")))]
    sources += [(name, options, of_vocabulary(name, options)) for name, options in VARIANTS]
    parts = []
    for source, options, tokenizer in sources:
        tokenizer.no_truncation()
        ids = [tokenizer.encode(text).ids for text in TEXTS]
        cuts = truncations(tokenizer, [unit * times + rest for unit, times, rest in LONG])
        parts.append(
            f'{{"source":{json.dumps(source)},"options":{json.dumps(options)},\n'
            f'"ids":{one_item_a_line(ids)},\n"truncations":{one_item_a_line(cuts)}}}'
        )
    made_with = {"tokenizers": tokenizers.__version__, "python": platform.python_version()}
    text = (
        f'{{"made_with":{json.dumps(made_with)},\n"texts":{one_item_a_line(TEXTS)},\n'
        f'"longTexts":{one_item_a_line(LONG)},\n"tokenizers":[{",".join(parts)}]}}\n'
    )
    (FIXTURES / "tokenizer.json").write_text(text, encoding="utf-8", newline="\n")
    print(len(TEXTS), "texts,", len(LONG), "long texts,", len(text), "bytes")


if __name__ == "__main__":
    main()
