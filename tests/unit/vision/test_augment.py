from __future__ import annotations

from typing import Any

import pytest
import torch

from vision.training.augment import augment, blurred, cutmix, mixup, partners, trivial


@pytest.fixture
def images() -> torch.Tensor:
    return torch.randint(0, 256, (5, 3, 24, 24), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def seeded(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


class TestAugment:
    @pytest.mark.parametrize("size", [16, 24, 32])
    def test_shape_and_range(self, images: torch.Tensor, size: int) -> None:
        seen = augment(images, size, seeded())
        assert seen.shape == (5, 3, size, size)
        assert seen.dtype == torch.float32
        assert seen.min() >= 0
        assert seen.max() <= 255

    def test_the_generator_decides(self, images: torch.Tensor) -> None:
        torch.manual_seed(1)
        first = augment(images, 16, seeded())
        torch.manual_seed(2)
        assert torch.equal(first, augment(images, 16, seeded()))
        assert not torch.equal(first, augment(images, 16, seeded(2)))

    def test_every_photo_gets_its_own_view(self, images: torch.Tensor) -> None:
        seen = augment(images[:1].expand(4, -1, -1, -1), 16, seeded())
        assert all(not torch.equal(seen[0], other) for other in seen[1:])

    def test_it_stays_the_same_photo(self) -> None:
        red = torch.zeros(8, 3, 24, 24, dtype=torch.uint8)
        red[:, 0] = 200
        seen = augment(red, 16, seeded()).mean((2, 3))
        assert (seen[:, 0] > seen[:, 1] + 50).all()

    def test_the_photo_is_left_as_it_was(self, images: torch.Tensor) -> None:
        before = images.clone()
        augment(images, 16, seeded())
        assert torch.equal(images, before)


NONE = torch.zeros(5, dtype=torch.bool)


class TestCutmix:
    def test_a_box_of_the_partner_and_its_share(self, images: torch.Tensor) -> None:
        floats = images.float()
        for seed in range(20):
            out, order, kept = cutmix(floats, NONE, seeded(seed))
            assert out.shape == floats.shape
            assert sorted(order.tolist()) == [0, 1, 2, 3, 4]
            assert 0 <= kept <= 1
            partner = floats[order]
            assert ((out == floats) | (out == partner)).all()
            for at, other in enumerate(order.tolist()):
                if at != other:  # 24 × 24 pixels; two of them may be alike by chance
                    mine = (out[at] == floats[at]).all(0).float().mean().item()
                    assert mine == pytest.approx(kept, abs=0.02)

    def test_the_generator_decides(self, images: torch.Tensor) -> None:
        first, again = cutmix(images, NONE, seeded()), cutmix(images, NONE, seeded())
        assert torch.equal(first[0], again[0])
        assert torch.equal(first[1], again[1])
        assert first[2] == again[2]

    def test_mixup_is_both_at_once(self, images: torch.Tensor) -> None:
        for seed in range(20):
            out, order, kept = mixup(images.float(), NONE, seeded(seed))
            assert sorted(order.tolist()) == [0, 1, 2, 3, 4]
            assert 0 <= kept <= 1
            assert torch.allclose(out, kept * images + (1 - kept) * images[order], atol=1e-3)
        assert torch.equal(mixup(images.float(), NONE, seeded(3))[0], mixup(images.float(), NONE, seeded(3))[0])

    @pytest.mark.parametrize("mixing", [cutmix, mixup])
    def test_what_has_a_sentence_stays_whole(self, images: torch.Tensor, mixing: Any) -> None:
        whole = torch.tensor([True, False, False, True, False])
        for seed in range(20):
            out, order, _ = mixing(images.float(), whole, seeded(seed))
            assert torch.allclose(out[whole], images[whole].float())
            assert order[whole].tolist() == [0, 3]
            assert sorted(order.tolist()) == [0, 1, 2, 3, 4]

    def test_nobody_to_mix_with(self) -> None:
        assert partners(~NONE, seeded()).tolist() == [0, 1, 2, 3, 4]


class TestTrivial:
    def test_a_share_of_the_photos_changes_in_its_own_way(self, images: torch.Tensor) -> None:
        many = images[:1].repeat(200, 1, 1, 1)
        out = trivial(many, 0.5, seeded())
        changed = (out != many).flatten(1).any(1)
        assert 60 < changed.sum() < 120  # one way of fourteen is to change nothing, some are too weak to be seen
        assert len({tuple(picture.flatten().tolist()) for picture in out[changed]}) > 40
        assert out.dtype == torch.uint8
        assert torch.equal(many, images[:1].repeat(200, 1, 1, 1))

    def test_the_generator_decides_and_torch_goes_on_undisturbed(self, images: torch.Tensor) -> None:
        torch.manual_seed(5)
        first = trivial(images, 1.0, seeded())
        after = torch.rand(1)
        torch.manual_seed(5)
        assert torch.equal(after, torch.rand(1))
        assert torch.equal(first, trivial(images, 1.0, seeded()))
        assert not torch.equal(first, trivial(images, 1.0, seeded(2)))

    def test_none(self, images: torch.Tensor) -> None:
        assert trivial(images, 0.0, seeded()) is images


class TestBlur:
    def test_its_share_loses_detail_and_its_share_is_noisy(self) -> None:
        fine = torch.zeros(64, 3, 32, 32)
        fine[..., ::2] = 255.0  # stripes of a pixel: any blur takes contrast from them
        out = blurred(fine, 0.5, seeded())
        contrast = (out[..., ::2] - out[..., 1::2]).mean((1, 2, 3))
        same = (out == fine).all(3).all(2).all(1)
        assert 0.1 < same.float().mean() < 0.45  # neither: a quarter
        assert 0.3 < (contrast < 200).float().mean() < 0.7
        assert float(out.min()) >= 0 and float(out.max()) <= 255

    def test_the_same_seed_gives_the_same_pictures(self) -> None:
        images = torch.full((8, 3, 32, 32), 128.0)
        assert torch.equal(blurred(images, 0.5, seeded()), blurred(images, 0.5, seeded()))
