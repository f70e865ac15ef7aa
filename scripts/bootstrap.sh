# Sourced by the other scripts: makes .venv with everything cutfarm needs. Wants git, Python 3.11 to 3.13 and nothing else.
# Whatever brings packages here comes from the user's own configuration of pip or uv; no index is named.

cd "$(dirname "$0")/.." || exit 1

python=${PYTHON:-python3}
groups=${groups:-}  # options for uv, set by the script that sources this one

if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
    echo "cutfarm needs Python 3.11, 3.12 or 3.13 as '$python'; set PYTHON to one." >&2
    exit 1
fi

# uv from the PATH, else one of our own: out of a virtual environment, or put into a folder by pip, which needs neither.
bring_uv() {
    uv=$(command -v uv) && return
    uv=$PWD/.bootstrap/bin/uv
    [ -x "$uv" ] && return
    echo "setting up uv in .bootstrap" >&2
    if "$python" -m venv .bootstrap >/dev/null 2>&1 && .bootstrap/bin/python -m pip install --quiet uv >&2; then return; fi
    rm -rf .bootstrap
    if "$python" -m pip --version >/dev/null 2>&1 && "$python" -m pip install --quiet --target .bootstrap uv >&2; then return; fi
    rm -rf .bootstrap
    # Neither venv nor pip: pip's own installer runs inside a bare environment.
    "$python" -m venv --without-pip .bootstrap &&
        "$python" -c "import sys, urllib.request as r; sys.stdout.buffer.write(r.urlopen('https://bootstrap.pypa.io/get-pip.py', timeout=60).read())" 2>/dev/null |
        .bootstrap/bin/python - --quiet >&2 &&
        .bootstrap/bin/python -m pip install --quiet uv >&2 && [ -x "$uv" ] && return
    rm -rf .bootstrap
    echo "cutfarm needs uv, or Python's venv or pip: 'apt-get install python3-venv' brings one of them." >&2
    exit 1
}

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
