"""When a person must decide, whatever the bot would say: one YAML file of words, labels and findings.

- reason: policy            # or: sensitive
  words: ["lawyer", "data protection"]      # whole words or phrases of the customer's, any case
- reason: policy
  labels: {damage: ["moderate", "severe"]}      # stated by the model about a photo
- reason: sensitive
  findings: [card, mrz]     # what the readers found: card, iban, mrz, licence, wifi, otp
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from vision.report import Finding, PhotoReport

Reason = Literal["policy", "sensitive"]
FIELDS = {"reason", "words", "labels", "findings"}
FINDINGS = frozenset(get_args(Finding.model_fields["type"].annotation))


class PolicyError(ValueError):
    """The file is wrong: the message says where and what to mend."""


@dataclass(frozen=True, slots=True)
class Rule:
    reason: Reason
    words: re.Pattern[str] | None = None
    labels: dict[str, frozenset[str]] = field(default_factory=dict)
    findings: frozenset[str] = frozenset()


class Policy:
    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self.rules = tuple(rules)

    @classmethod
    def read(cls, file: Path) -> Policy:
        """Raises PolicyError for a file that is missing or says what we do not know."""
        try:
            found: Any = yaml.safe_load(file.read_text(encoding="utf-8")) or []
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise PolicyError(f"BOT_POLICY: {file} cannot be read: {error}") from None
        if not isinstance(found, list):
            raise PolicyError(f"BOT_POLICY: {file} must be a list of rules (“- reason: policy …”)")
        return cls([_rule(f"BOT_POLICY: {file}, rule {number}", one) for number, one in enumerate(found, 1)])

    def by_words(self, text: str) -> Reason | None:
        return next((rule.reason for rule in self.rules if rule.words and rule.words.search(text)), None)

    def by_photos(self, reports: Sequence[PhotoReport]) -> Reason | None:
        for rule in self.rules:
            for report in reports:
                labelled = any(found.stated in rule.labels.get(slot, ()) for slot, found in report.labels.items())
                if labelled or rule.findings & {found.type for found in report.sensitive}:
                    return rule.reason
        return None


def _rule(where: str, entry: Any) -> Rule:
    if not isinstance(entry, dict) or not set(entry) <= FIELDS or entry.get("reason") not in get_args(Reason):
        raise PolicyError(f"{where}: needs reason ({' or '.join(get_args(Reason))}) and any of words, labels, findings")
    words = [str(word) for word in _list(where, entry.get("words"))]
    labels = entry.get("labels") or {}
    if not isinstance(labels, dict):
        raise PolicyError(f"{where}: labels maps a set's name to a list of labels")
    sets = {str(slot): frozenset(map(str, _list(where, names))) for slot, names in labels.items()}
    pattern = "|".join(rf"\b{re.escape(word)}\b" for word in words)
    findings = frozenset(map(str, _list(where, entry.get("findings"))))
    if unknown := findings - FINDINGS:
        raise PolicyError(f"{where}: findings are {', '.join(sorted(FINDINGS))}, not {', '.join(sorted(unknown))}")
    return Rule(
        entry["reason"],
        re.compile(pattern, re.IGNORECASE) if words else None,
        sets,
        findings,
    )


def _list(where: str, value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise PolicyError(f"{where}: {value!r} must be a list")
    return value
