"""The contract of the model file, kept and broken."""

from contextlib import suppress

import numpy as np
import pytest

from degrain.denoisers.onnx_denoiser import OnnxDenoiser
from degrain.denoisers.onnx_file import read_spec
from degrain.errors import ModelError

onnx = pytest.importorskip("onnx")

RNG = np.random.default_rng(0)


def tiles(channels=3, count=2, side=32):
    return RNG.random((count, channels, side, side), np.float32), np.full((count, 1, side, side), 0.1, np.float32)


def reference(network, planes, level):
    from onnx.reference import ReferenceEvaluator

    return ReferenceEvaluator(onnx.load_from_string(network)).run(["clean"], {"noisy": planes, "level": level})[0]


@pytest.mark.parametrize(("channels", "slots"), [(3, [0, 1, 2]), (1, [3])])
def test_planes_are_filled_and_read_as_the_spec_says(network, channels, slots):
    noisy, level = tiles(channels)
    planes = np.zeros((2, 4, 32, 32), np.float32)
    planes[:, slots] = noisy
    expected = reference(network, planes, level)[:, slots]
    np.testing.assert_allclose(OnnxDenoiser(network)(noisy, level), expected, atol=1e-4)


def test_a_model_that_wants_no_level(make_network):
    noisy, level = tiles()
    denoiser = OnnxDenoiser(make_network(wants_level=False))
    np.testing.assert_array_equal(denoiser(noisy, level), denoiser(noisy, 0 * level))


def test_path_and_bytes_are_the_same_model(network, tmp_path):
    path = tmp_path / "some.onnx"
    path.write_bytes(network)
    noisy, level = tiles()
    np.testing.assert_array_equal(OnnxDenoiser(path)(noisy, level), OnnxDenoiser(network)(noisy, level))
    assert OnnxDenoiser(path).spec == OnnxDenoiser(network).spec


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_change_nothing_that_shows(network, threads):
    noisy, level = tiles(side=64)
    np.testing.assert_allclose(
        OnnxDenoiser(network, threads)(noisy, level), OnnxDenoiser(network)(noisy, level), atol=1e-5
    )


def assert_refused(data, reason, capfd, tmp_path):
    path = tmp_path / "bad.onnx"
    path.write_bytes(data)
    with pytest.raises(ModelError, match=reason) as caught:
        OnnxDenoiser(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")  # the runtime says nothing by itself


@pytest.mark.parametrize("junk", [b"hello, I am text", b"\x89PNG\r\n\x1a\n" + bytes(50), b"\xff" * 300, b"\x08"])
def test_foreign_files(junk, capfd, tmp_path):
    assert_refused(junk, "damaged or no ONNX file|does not say", capfd, tmp_path)


def test_an_empty_file(capfd, tmp_path):
    assert_refused(b"", "does not say what it needs", capfd, tmp_path)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.99])
def test_cut_off_files(network, share, capfd, tmp_path):
    assert_refused(network[: int(len(network) * share)], "damaged|does not say", capfd, tmp_path)


def test_flipped_bytes_give_a_model_or_a_model_error(network):
    for position in RNG.integers(0, len(network), 200):
        data = bytearray(network)
        data[position] ^= 1 << int(RNG.integers(8))
        with suppress(ModelError):
            OnnxDenoiser(bytes(data))(*tiles(side=16))


def test_a_file_without_description(make_network, capfd, tmp_path):
    assert_refused(make_network(metadata=False), "has no 'degrain.spec'", capfd, tmp_path)


def test_a_description_that_is_none(network, capfd, tmp_path):
    model = onnx.load_from_string(network)
    onnx.helper.set_model_props(model, {"degrain.spec": "{}"})
    assert_refused(model.SerializeToString(), "description cannot be read", capfd, tmp_path)


def test_other_inputs_than_agreed(network, capfd, tmp_path):
    model = onnx.load_from_string(network.replace(b"noisy", b"pixel"))
    assert_refused(model.SerializeToString(), r"must take noisy and level", capfd, tmp_path)


def test_an_operator_nobody_knows(network, capfd, tmp_path):
    assert_refused(network.replace(b"SpaceToDepth", b"SpaceToDeath"), "refused by ONNX Runtime", capfd, tmp_path)


def test_a_missing_file(tmp_path):
    with pytest.raises(ModelError, match="No such file"):
        OnnxDenoiser(tmp_path / "none.onnx")
    with pytest.raises(ModelError, match="cannot be read"):
        OnnxDenoiser(tmp_path)


def test_an_answer_of_another_size(network):
    model = onnx.load_from_string(network)
    model.graph.node[-1].output[0] = "large"
    model.graph.node.append(onnx.helper.make_node("SpaceToDepth", ["large"], ["clean"], blocksize=2))
    with pytest.raises(ModelError, match=r"shape \(2, 4, 32, 32\) into \(2, 16, 16, 16\)"):
        OnnxDenoiser(model.SerializeToString())(*tiles())


# --- nothing but the file is read ---


def outside(tensor):
    """Say that a tensor's values lie in the file secret.bin."""
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "secret.bin"


def in_weights(model):
    outside(model.graph.initializer[0])


def in_constant(model):
    constant = onnx.helper.make_node("Constant", [], ["c"], value=onnx.helper.make_tensor("t", 1, [1], [0.0]))
    outside(constant.attribute[0].t)
    model.graph.node.insert(0, constant)


def in_branch(model):
    branch = onnx.helper.make_graph([], "b", [], [], [onnx.helper.make_tensor("t", 1, [1], [0.0])])
    outside(branch.initializer[0])
    condition = onnx.helper.make_node("If", ["cond"], ["i"], then_branch=branch, else_branch=branch)
    model.graph.node.append(condition)


def in_function(model):
    constant = onnx.helper.make_node("Constant", [], ["c"], value=onnx.helper.make_tensor("t", 1, [1], [0.0]))
    outside(constant.attribute[0].t)
    opset = [onnx.helper.make_opsetid("", 17)]
    model.functions.append(onnx.helper.make_function("local", "F", [], ["c"], [constant], opset))


@pytest.mark.parametrize("hide", [in_weights, in_constant, in_branch, in_function])
def test_weights_in_another_file_are_refused(network, hide, tmp_path, monkeypatch, capfd):
    model = onnx.load_from_string(network)
    (tmp_path / "secret.bin").write_bytes(bytes(10_000))
    monkeypatch.chdir(tmp_path)
    hide(model)
    assert_refused(model.SerializeToString(), "keeps weights in another file", capfd, tmp_path)


def test_the_field_numbers_are_those_of_onnx():
    from degrain.denoisers import onnx_file

    names = {
        "model": "ModelProto",
        "training": "TrainingInfoProto",
        "function": "FunctionProto",
        "graph": "GraphProto",
        "node": "NodeProto",
        "attribute": "AttributeProto",
        "sparse": "SparseTensorProto",
        "tensor": "TensorProto",
    }
    kinds = {name: kind for kind, name in names.items()}
    for kind, inside in onnx_file._INSIDE.items():
        fields = getattr(onnx, names[kind]).DESCRIPTOR.fields
        expected = {
            f.number: kinds[f.message_type.name] for f in fields if f.message_type and f.message_type.name in kinds
        }
        assert inside == expected, kind
    assert onnx.TensorProto.DESCRIPTOR.fields_by_name["external_data"].number == onnx_file._EXTERNAL_DATA
    assert onnx.ModelProto.DESCRIPTOR.fields_by_name["metadata_props"].number == onnx_file._METADATA


def test_the_description_is_read_without_the_runtime(network, make_network):
    assert read_spec(network, "x").planes == {3: (0, 1, 2), 1: (3,)}
    assert read_spec(make_network(name="Ünïcode"), "x").name == "Ünïcode"


def test_no_file_is_written(network, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    OnnxDenoiser(network)(*tiles())
    assert list(tmp_path.iterdir()) == []
