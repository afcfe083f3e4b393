"""A program that goes by the name of docker (or podman) and speaks like it, as far as mailstack asks.

What it does: `exec -i NAME argv…` in a running container, `cp NAME:/path -` and `cp - NAME:/folder` with
tar streams, whether it runs or not, `run` of a command with another container's volumes, `restart NAME`,
`logs --tail N NAME`, `ps`, and `inspect --type container --format …` with id, status,
image or mounts.  Exit codes
and error texts are docker's.  An unpacked file is removed and made anew, entry by entry, as the daemon
does: what is cut off stays torn.

What it does not do: isolate anything.  A container's files are this machine's, its processes run
here, nothing has an image, and a daemon that cannot be reached is a file named `down`.
"""

from __future__ import annotations

import os
from pathlib import Path

_SCRIPT = """\
#!/bin/sh
# {name} with the containers of {folder}
fail() {{ echo "$1" >&2; exit 1; }}
must_be() {{ [ -d "{folder}/$1" ] || fail "Error response from daemon: No such container: $1"; }}
[ ! -e "{folder}/down" ] ||
  fail "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
verb=$1; shift
echo "$verb $*" >> "{folder}/asked"
case $verb in
exec)
  [ "$1" = -i ] && shift
  name=$1; shift; must_be "$name"
  [ "$(cat "{folder}/$name/status")" = running ] ||
    fail "Error response from daemon: container $name is not running"
  command -v "$1" >/dev/null || {{
    echo "OCI runtime exec failed: exec failed: exec: \"$1\": executable file not found in \\$PATH: unknown" >&2
    exit 127
  }}
  exec "$@" ;;
cp)
  while [ "${{1#--}}" != "$1" ]; do shift; done
  if [ "$2" = - ]; then
    name=${{1%%:*}}; path=${{1#*:}}; must_be "$name"
    [ -e "$path" ] || [ -L "$path" ] ||
      fail "Error response from daemon: Could not find the file $path in container $name"
    exec tar -cf - -C "$(dirname "$path")" "$(basename "$path")"
  fi
  name=${{2%%:*}}; path=${{2#*:}}; must_be "$name"
  exec tar -xpf - -C "$path" --unlink-first ;;
inspect)
  shift 2; format=$2; name=$3; must_be "$name"
  case $format in
  "{{{{.State.Status}}}}") cat "{folder}/$name/status" ;;
  "{{{{json .Mounts}}}}") cat "{folder}/$name/mounts" ;;
  "{{{{.Image}}}}") echo image-of-$name ;;
  "{{{{.Id}}}}") echo id-of-$name ;;
  *) fail "template parsing error: $format" ;;
  esac ;;
run)
  while :; do
    case $1 in
    --rm | -i | --pull=never) shift ;;
    --network | --user | --security-opt) shift 2 ;;
    --volumes-from) must_be "$2"; shift 2 ;;
    --entrypoint) program=$2; shift 2 ;;
    *) break ;;
    esac
  done
  shift; exec "$program" "$@" ;;
ps)
  cat "{folder}/ps" 2>/dev/null; exit 0 ;;
restart)
  must_be "$1"; "{folder}/$1/restart" || exit 1; echo "$1" ;;
logs)
  must_be "$3"; tail -n "$2" "{folder}/$3/logs" ;;
*) fail "{name}: '$verb' is not a {name} command." ;;
esac
"""


class FakeDocker:
    """The containers of a folder.  path is what PATH must be for the program to be found."""

    def __init__(self, folder: Path, name: str = "docker") -> None:
        self.folder = folder
        programs = folder / "bin"
        programs.mkdir(parents=True)
        script = programs / name
        script.write_text(_SCRIPT.format(folder=folder, name=name))
        script.chmod(0o755)
        self.path = f"{programs}{os.pathsep}{os.environ['PATH']}"

    def container(
        self, name: str, *, status: Path | None = None, restart: Path | None = None, mounts: str = "[]"
    ) -> Path:
        """Make a container that runs; status and restart may be a file and a program that are there."""
        folder = self.folder / name
        folder.mkdir()
        (folder / "mounts").write_text(mounts + "\n")
        (folder / "logs").write_text("")
        if status is None:
            (folder / "status").write_text("running\n")
        else:
            (folder / "status").symlink_to(status)
        if restart is not None:
            (folder / "restart").symlink_to(restart)
        return folder

    def asked(self) -> list[str]:
        """Return what was asked for so far: the verbs with their words."""
        log = self.folder / "asked"
        return log.read_text().splitlines() if log.exists() else []
