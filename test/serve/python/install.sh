#!/usr/bin/env bash
# Makes the Python environments of the client tests: tritonclient, a client of TensorFlow Serving, schemathesis, and Triton's server.
# install.sh [FOLDER]: default .saccade/python of this project. Each part is an environment of its own, since they pin
# different versions of the same packages; one that is there is left as it is. PYTHON: 3.11 or newer (default: the first found).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/../../../.saccade/python}

python=
for candidate in ${PYTHON:-python3 python3.11 python3.12 python3.13}; do
  if "$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "install.sh: no Python 3.11 or newer with venv was found; name one by PYTHON" >&2
  exit 1
fi

for part in oip tfs schemathesis triton; do
  wanted=$(sha256sum "$here/$part.txt" | cut -c1-64)
  if [ "$(cat "$folder/$part/made-of" 2>/dev/null)" = "$wanted" ]; then continue; fi
  rm -rf "${folder:?}/$part"
  "$python" -m venv "$folder/$part"
  "$folder/$part/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$here/$part.txt"
  echo "$wanted" >"$folder/$part/made-of"
done
