"""Words as numbers: the text encoder's own WordPiece, and one of our captions for the decoder. 0 is padding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

PAD, UNKNOWN, CLS, SEP = SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")


class Tokens:
    def __init__(self, tokenizer: Tokenizer) -> None:
        tokenizer.encode_special_tokens = True  # a customer's "[SEP]" is brackets and letters
        self.tokenizer = tokenizer
        self.id = {word: at for word in SPECIAL if (at := tokenizer.token_to_id(word)) is not None}
        if len(self.id) < len(SPECIAL) or self.id[PAD] != 0:
            raise ValueError(f"the tokenizer must know {', '.join(SPECIAL)}, [PAD] as 0: Tokens.train makes such a one")

    @classmethod
    def train(cls, sentences: Iterable[str], size: int) -> Tokens:
        tokenizer = Tokenizer(models.WordPiece(unk_token=UNKNOWN, max_input_chars_per_word=40))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        tokenizer.decoder = decoders.WordPiece()
        trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=list(SPECIAL), show_progress=False)
        tokenizer.train_from_iterator(sentences, trainer)
        return cls(tokenizer)

    @classmethod
    def of_words(cls, sentences: Iterable[str], least: int) -> Tokens:
        """Whole words that are said ``least`` times or more: a decoder makes no words up. Others are unknown."""
        tokenizer = Tokenizer(models.WordLevel(unk_token=UNKNOWN))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        tokenizer.decoder = decoders.WordPiece()  # "it ' s" is written "it's"
        trainer = trainers.WordLevelTrainer(min_frequency=least, special_tokens=list(SPECIAL), show_progress=False)
        tokenizer.train_from_iterator(sentences, trainer)
        return cls(tokenizer)

    @classmethod
    def load(cls, path: Path) -> Tokens:
        return cls(Tokenizer.from_file(str(path)))

    def save(self, path: Path) -> None:
        self.tokenizer.save(str(path))

    def whole_words(self) -> list[str]:
        """English words of two letters and more, in the vocabulary's order: BERT's is from the commonest on."""
        ids = sorted((at, word) for word, at in self.vocabulary().items())
        return [word for _, word in ids if word.isascii() and word.isalpha() and len(word) > 1]

    def vocabulary(self) -> dict[str, int]:
        return dict(self.tokenizer.get_vocab())

    def __len__(self) -> int:
        return int(self.tokenizer.get_vocab_size())

    def texts(self, texts: Sequence[str], length: int) -> list[list[int]]:
        """Rows of one width: [CLS] words… [SEP], cut at ``length`` tokens, padded to the longest row."""
        encoded = self.tokenizer.encode_batch(list(texts), add_special_tokens=False)
        rows = [[self.id[CLS], *entry.ids[: length - 2], self.id[SEP]] for entry in encoded]
        width = max(map(len, rows), default=0)
        return [row + [0] * (width - len(row)) for row in rows]

    def decode(self, ids: Sequence[int]) -> str:
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=True))
