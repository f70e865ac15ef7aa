"""A device that is nowhere: tensors on it are worked out in host memory, and meet no tensor that is not on it.

It stands in for a GPU where there is none: what is made on the wrong device is found, as a GPU would find it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

FAR = torch.device("meta")

_MOVES = frozenset({"aten::_to_copy", "aten::copy_"})  # may take from one device to the other


class _FarTensor(Tensor):
    """Looks as if it were on `FAR`; `held` are its samples."""

    held: Tensor

    @staticmethod
    def __new__(cls, held: Tensor) -> _FarTensor:
        made: _FarTensor = torch.Tensor._make_wrapper_subclass(  # type: ignore[attr-defined]
            cls, held.shape, held.stride(), held.storage_offset(), dtype=held.dtype, device=FAR
        )
        made.held = held
        return made

    @classmethod
    def __torch_dispatch__(
        cls, operation: Any, types: Sequence[type], given: tuple[Any, ...] = (), named: dict[str, Any] | None = None
    ) -> Any:
        return _done(operation, given, named or {})


class FarDevice(TorchDispatchMode):
    """While it is entered, `FAR` can be used."""

    def __torch_dispatch__(
        self, operation: Any, types: Sequence[type], given: tuple[Any, ...] = (), named: dict[str, Any] | None = None
    ) -> Any:
        return _done(operation, given, named or {})


def brought_back(tensor: Tensor) -> Tensor:
    """Its samples in host memory."""
    assert isinstance(tensor, _FarTensor)
    return tensor.held


def _done(operation: Any, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    leaves = tree_leaves((given, named))
    far = [leaf for leaf in leaves if isinstance(leaf, _FarTensor)]
    near = [leaf for leaf in leaves if isinstance(leaf, Tensor) and not isinstance(leaf, _FarTensor) and leaf.dim()]
    name = operation._schema.name
    if far and near and name not in _MOVES:
        raise AssertionError(f"{name} takes tensors on two devices")
    asked = [leaf for leaf in leaves if isinstance(leaf, torch.device)]
    is_far = asked[0] == FAR if asked else bool(far)
    if name == "aten::copy_":
        is_far = isinstance(given[0], _FarTensor)
    made = operation(*tree_map(_held, given), **tree_map(_held, named))
    return _as_given(tree_map(_wrapped, made), given, made) if is_far else made


def _as_given(result: Any, given: tuple[Any, ...], made: Any) -> Any:
    """What is changed in place stays itself."""
    for tensor in tree_leaves(given):
        if isinstance(tensor, _FarTensor) and tensor.held is made:
            return tensor
    return result


def _held(one: Any) -> Any:
    if isinstance(one, torch.device):
        return torch.device("cpu")
    return one.held if isinstance(one, _FarTensor) else one


def _wrapped(one: Any) -> Any:
    return _FarTensor(one) if isinstance(one, Tensor) else one
