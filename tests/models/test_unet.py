import torch

from degrain.models.unet import UNet


def test_the_answer_is_bounded() -> None:
    torch.manual_seed(0)
    net = UNet(base=4, depth=2)
    answer = net(100 * torch.randn(2, 3, 16, 16), torch.zeros(2, 1, 16, 16))
    assert answer.min() >= 0
    assert answer.max() <= 1


def test_widths_double_from_64_to_1024() -> None:
    net = UNet()
    assert [stage[-2].out_channels for stage in net.down] == [64, 128, 256, 512, 1024]
    assert [stage[0].in_channels for stage in net.up] == [1024, 512, 256, 128]  # a skip beside what comes up
