# Sourced by the other scripts: makes .venv with everything cutfarm needs. Wants git, Python 3.11 to 3.13 and nothing else.
# Where packages come from is the user's own configuration of pip or uv; no index is named here.

cd "$(dirname "$0")/.." || exit 1

python=${PYTHON:-python3}
groups=${groups:-}                                  # options for uv, set by the script that sources this one
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"   # the machine's own certificates, as pip uses them
export UV_COMPILE_BYTECODE="${UV_COMPILE_BYTECODE:-1}"  # half a minute once, and every worker starts in half the time

if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
    echo "cutfarm needs Python 3.11, 3.12 or 3.13 as '$python'; set PYTHON to one." >&2
    exit 1
fi

uv_by_venv() {
    "$python" -m venv .bootstrap >/dev/null 2>&1 && .bootstrap/bin/python -m pip install --quiet uv >&2
}

# pip may write into a folder also where it may not write into the system.
uv_by_pip() {
    "$python" -m pip --version >/dev/null 2>&1 && "$python" -m pip install --quiet --root-user-action=ignore --target .bootstrap uv >&2
}

# As root, or where sudo asks for nothing.
apt_install() {
    command -v apt-get >/dev/null || return 1
    as_root=$([ "$(id -u)" = 0 ] || echo "sudo -n")
    $as_root true 2>/dev/null || return 1
    echo "installing $*" >&2
    $as_root apt-get update -qq >&2 && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "$@" >/dev/null
}

# Debian and Ubuntu keep venv in a package of its own.
uv_by_apt() {
    apt_install python3-venv && uv_by_venv
}

# pip's own installer, inside a bare environment.
uv_by_get_pip() {
    "$python" -m venv --without-pip .bootstrap >/dev/null 2>&1 || return 1
    "$python" -c "import sys, urllib.request as r; sys.stdout.buffer.write(r.urlopen('https://bootstrap.pypa.io/get-pip.py', timeout=60).read())" 2>/dev/null >.bootstrap/get-pip.py
    [ -s .bootstrap/get-pip.py ] && .bootstrap/bin/python .bootstrap/get-pip.py --quiet >&2 && .bootstrap/bin/python -m pip install --quiet uv >&2
}

bring_uv() {
    uv=$(command -v uv) && return
    uv=$PWD/.bootstrap/bin/uv
    [ -x "$uv" ] && return
    echo "setting up uv in .bootstrap" >&2
    for way in uv_by_venv uv_by_pip uv_by_apt uv_by_get_pip; do
        rm -rf .bootstrap
        "$way" && [ -x "$uv" ] && return
    done
    rm -rf .bootstrap
    echo "cutfarm needs uv, or Python's venv or pip: 'sudo apt-get install python3-venv' brings one of them." >&2
    exit 1
}

# Skia, which draws the captions, is linked to GL though it draws in memory.
if ! "$python" -c 'import ctypes; [ctypes.CDLL(name) for name in ("libEGL.so.1", "libGL.so.1")]' 2>/dev/null; then
    apt_install libegl1 libgl1 || {
        echo "cutfarm needs libEGL and libGL: 'sudo apt-get install libegl1 libgl1' brings them." >&2
        exit 1
    }
fi

# The environment is made again only when what it is made from has changed.
stamp=$( (cat pyproject.toml constraints.txt; echo "$groups"; "$python" -V) | cksum)
if [ ! -x .venv/bin/cutfarm ] || [ "$(cat .venv/.cutfarm-stamp 2>/dev/null)" != "$stamp" ]; then
    bring_uv
    echo "setting up .venv (some 3 GB of packages the first time)" >&2
    "$uv" venv --quiet --allow-existing --python "$("$python" -c 'import sys; print(sys.executable)')" .venv || exit 1
    # shellcheck disable=SC2086 # groups is a list of options
    VIRTUAL_ENV=$PWD/.venv "$uv" pip install --quiet --constraint constraints.txt --editable . $groups || exit 1
    echo "$stamp" >.venv/.cutfarm-stamp
fi
