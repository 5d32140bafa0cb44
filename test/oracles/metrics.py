"""Writes test/fixtures/metrics.json: classification reports of scikit-learn, softmax of SciPy, log loss of scikit-learn."""

import json
import platform
from pathlib import Path

import numpy
import scipy
import sklearn
from scipy.special import softmax
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss, precision_recall_fscore_support

FIXTURES = Path(__file__).parent.parent / "fixtures"
random = numpy.random.default_rng(42)


def noisy(labels: list[str], count: int, weights=None, right: float = 0.7) -> tuple[list[int], list[int]]:
    """Actual classes and predictions that are right that often, for the rest drawn at random."""
    actual = random.choice(len(labels), count, p=weights)
    drawn = random.choice(len(labels), count)
    return actual.tolist(), numpy.where(random.random(count) < right, actual, drawn).tolist()


def report(name: str, labels: list[str], actual: list[int], predicted: list[int]) -> dict:
    indexes = list(range(len(labels)))
    precision, recall, f1, support = precision_recall_fscore_support(actual, predicted, labels=indexes, zero_division=0)
    return {
        "name": name,
        "labels": labels,
        "actual": actual,
        "predicted": predicted,
        "accuracy": float(accuracy_score(actual, predicted)),
        # Without `labels`, as people call it: the mean is over the classes that occur, actual or predicted.
        "macroF1": float(f1_score(actual, predicted, average="macro", zero_division=0)),
        "perClass": {
            label: {"precision": float(p), "recall": float(r), "f1": float(f), "support": int(s)}
            for label, p, r, f, s in zip(labels, precision, recall, f1, support)
        },
        "confusionMatrix": confusion_matrix(actual, predicted, labels=indexes).tolist(),
    }


def reports() -> list[dict]:
    three = ["D/LT", "Non-serious", "Serious"]
    ten = [f"symptom {i}" for i in range(10)]
    return [
        report("balanced classes", three, [0, 0, 0, 1, 1, 1, 2, 2, 2], [0, 0, 1, 1, 1, 2, 2, 0, 2]),
        report("every prediction right", three, [0, 1, 2, 1], [0, 1, 2, 1]),
        report("every prediction wrong", three, [0, 1, 2], [1, 2, 0]),
        report("a class that is never predicted", three, [0, 0, 1, 1, 2, 2], [1, 0, 1, 1, 0, 1]),
        report("a class that is predicted but never actual", three, [0, 0, 1, 1], [0, 2, 1, 2]),
        report("a class that is neither actual nor predicted", three, [0, 0, 2, 2, 2], [0, 2, 2, 2, 0]),
        report("one class only", three, [1, 1, 1, 1], [1, 1, 1, 1]),
        report("one actual class, another predicted", three, [1, 1], [2, 2]),
        report("one record", three, [2], [2]),
        report("two classes", ["no", "yes"], *noisy(["no", "yes"], 60)),
        report("ten classes", ten, *noisy(ten, 200, right=0.5)),
        report("labels that are numbers, out of order", ["2", "1", "0"], *noisy(["2", "1", "0"], 30)),
        report("500 records at natural class rates", three, *noisy(three, 500, [0.033, 0.877, 0.09])),
    ]


def probabilities(name: str, logits: list[list[float]], actual: list[int]) -> dict:
    rows = softmax(numpy.asarray(logits, dtype=numpy.float64), axis=1)
    labels = list(range(len(logits[0])))
    return {
        "name": name,
        "logits": logits,
        "actual": actual,
        # Processors differ in the last bits of exp.
        "probabilities": rows.round(13).tolist(),
        "logLoss": round(float(log_loss(actual, rows, labels=labels)), 13),
    }


def softmaxes() -> list[dict]:
    def draw(count: int, classes: int, scale: float) -> list[list[float]]:
        # float32, as a model gives them.
        return random.normal(0, scale, (count, classes)).astype(numpy.float32).astype(float).tolist()

    return [
        probabilities("equal logits", [[0.0, 0.0, 0.0], [5.0, 5.0, 5.0]], [0, 2]),
        probabilities("two classes", draw(20, 2, 2), random.integers(0, 2, 20).tolist()),
        probabilities("three classes", draw(50, 3, 3), random.integers(0, 3, 50).tolist()),
        probabilities("ten classes", draw(30, 10, 1), random.integers(0, 10, 30).tolist()),
        probabilities("logits that overflow exp", [[1000.0, 999.0], [-1000.0, -1001.0], [710.0, 709.5]], [0, 1, 0]),
        probabilities("differences near rounding", [[1.0, 1.0 + 1e-7], [-30.0, 0.0], [20.0, -10.0]], [1, 1, 0]),
    ]


def main() -> None:
    made_with = {
        "scikit-learn": sklearn.__version__,
        "scipy": scipy.__version__,
        "numpy": numpy.__version__,
        "python": platform.python_version(),
    }
    parts = [
        f'"{key}":[\n' + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]"
        for key, cases in [("reports", reports()), ("softmaxes", softmaxes())]
    ]
    text = f'{{"made_with":{json.dumps(made_with)},\n' + ",\n".join(parts) + "}\n"
    (FIXTURES / "metrics.json").write_text(text, encoding="utf-8", newline="\n")
    print(len(text), "bytes")


if __name__ == "__main__":
    main()
