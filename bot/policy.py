"""When a person must decide, whatever the bot would say: one YAML file of words, labels and findings.

- reason: policy            # or: sensitive
  words: ["lawyer", "data protection"]      # whole words or phrases of the customer's, any case
- reason: policy
  labels: {damage: ["moderate", "severe"]}      # stated by the model about a photo
- reason: sensitive
  findings: [card, mrz]     # what the readers found: card, iban, mrz, licence, wifi, otp
- reason: policy
  upset: 2                  # so many messages in a row that sound upset
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from monitoring.plainly import problem, why
from vision.report import FindingType, PhotoReport

Reason = Literal["policy", "sensitive"]


class PolicyError(ValueError):
    """The file is wrong: the message says where and what to mend."""


class Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    reason: Reason
    words: tuple[str, ...] = ()
    labels: dict[str, frozenset[str]] = {}
    findings: frozenset[FindingType] = frozenset()
    upset: int = Field(0, ge=0, strict=True)  # messages in a row that sound so; 0: whatever the mood

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches nothing where there are no words."""
        return re.compile("|".join(rf"\b{re.escape(word)}\b" for word in self.words) or r"(?!)", re.IGNORECASE)


class Policy:
    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self.rules = tuple(rules)

    @classmethod
    def read(cls, file: Path) -> Policy:
        """Raises PolicyError for a file that is missing or says what we do not know."""
        try:
            found = yaml.safe_load(file.read_text(encoding="utf-8")) or []
            return cls(TypeAdapter(tuple[Rule, ...]).validate_python(found))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise PolicyError(f"BOT_POLICY: {file} cannot be read: {why(error)}") from None
        except ValidationError as error:
            raise PolicyError(f"BOT_POLICY: {file}, a list of rules (“- reason: policy …”): {problem(error)}") from None

    def by_words(self, text: str) -> Reason | None:
        return next((rule.reason for rule in self.rules if rule.pattern.search(text)), None)

    def by_mood(self, in_a_row: int) -> Reason | None:
        """``in_a_row``: messages up to this one that sound upset."""
        return next((rule.reason for rule in self.rules if 0 < rule.upset <= in_a_row), None)

    def by_photos(self, reports: Sequence[PhotoReport]) -> Reason | None:
        for rule in self.rules:
            for report in reports:
                labelled = any(found.stated in rule.labels.get(slot, ()) for slot, found in report.labels.items())
                if labelled or rule.findings & {found.type for found in report.sensitive}:
                    return rule.reason
        return None
