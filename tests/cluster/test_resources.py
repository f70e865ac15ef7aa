"""What a node says of itself, beside what the machine says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cluster.resources import find_gpus, memory_bytes, node_resources, nvenc_sessions, usable_cores

CORES = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({}, CORES),
        ({"cpu.max": "max 100000\n"}, CORES),
        ({"cpu.max": "50000 100000\n"}, 1),
        ({"cpu.max": "100001 100000\n"}, min(2, CORES)),
        ({"cpu.max": "6400000 100000\n"}, min(64, CORES)),
        ({"cpu/cpu.cfs_quota_us": "100000", "cpu/cpu.cfs_period_us": "100000"}, 1),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, CORES),
    ],
)
def test_cores_are_bounded_by_a_containers_quota(tmp_path: Path, files: dict[str, str], cores: int) -> None:
    write(tmp_path, files)
    assert usable_cores(tmp_path) == cores


@pytest.mark.parametrize("name", ["memory.max", "memory/memory.limit_in_bytes"])
def test_memory_is_bounded_by_a_containers_limit(tmp_path: Path, name: str) -> None:
    machine = memory_bytes(tmp_path)
    assert machine > 1 << 28
    write(tmp_path, {name: f"{1 << 27}\n"})
    assert memory_bytes(tmp_path) == 1 << 27
    write(tmp_path, {name: "max\n"})
    assert memory_bytes(tmp_path) == machine
    write(tmp_path, {name: f"{1 << 62}\n"})
    assert memory_bytes(tmp_path) == machine


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


def test_devices_are_read_from_the_drivers_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'NVIDIA L4, 23034'\necho 'NVIDIA Odd, Name, 8192'\necho 'GRID, [N/A]'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert [(gpu.name, gpu.memory_bytes) for gpu in find_gpus()] == [
        ("NVIDIA L4", 23034 << 20),
        ("NVIDIA Odd, Name", 8192 << 20),
    ]
    program.write_text("#!/bin/sh\necho 'no devices were found' >&2\nexit 6\n")
    assert find_gpus() == ()


def test_a_machine_without_the_driver_has_no_device_and_no_hardware_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    if Path("/dev/nvidiactl").exists():
        pytest.skip("this machine has NVIDIA's driver")
    monkeypatch.setenv("PATH", "")
    found = node_resources()
    assert (found.gpus, found.nvenc_sessions, nvenc_sessions()) == ((), 0, 0)
    assert found.cores >= 1


def test_the_command_prints_what_ray_start_takes() -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-m", "cluster.resources"], capture_output=True, text=True, check=True
    )
    assert json.loads(ended.stdout) == {"nvenc": nvenc_sessions()}


@pytest.mark.gpu
def test_a_gpu_is_found_with_its_memory() -> None:
    import torch

    if not torch.cuda.is_available():
        pytest.skip("no GPU")
    assert find_gpus()[0].name == torch.cuda.get_device_name(0)
    assert find_gpus()[0].memory_bytes >= torch.cuda.mem_get_info(0)[1]
