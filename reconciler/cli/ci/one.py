"""One stack in one job: what it was asked for, and how it is told on the forge."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.cli.ci import comments
from reconciler.cli.ci.child import Child, Ended
from reconciler.forge import sticky
from reconciler.forge.interface import Forge
from reconciler.forge.job import Job
from reconciler.forge.wire import ForgeError
from reconciler.render.github import Annotation, commands


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the job was asked for.

    releases are arguments for plan and apply; connections is the file that says how servers are
    reached; comments: may anything be written on the forge?
    """

    plan_id: str = ""
    reviewed: str = "auto"
    releases: tuple[str, ...] = ()
    connections: str = ""
    comments: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class One:
    """One stack in one job.  is_alone: the repository has no other.  forge: None where it cannot be asked."""

    name: str
    file: str
    is_alone: bool
    job: Job
    asked: Asked
    child: Child
    forge: Forge | None

    @property
    def writes(self) -> Forge | None:
        """Return the forge, where it may be written to."""
        return self.forge if self.asked.comments else None

    def run(self, command: str, *arguments: str, publishes: bool = True, is_watched: bool = False) -> Ended:
        """Run a command on the stack."""
        return self.child.run(
            command, "-f", self.file, *arguments, publishes=publishes, is_watched=is_watched
        )

    def comment(self, body: str, *, is_quiet: bool = False) -> None:
        """Keep the stack's comment on the pull request.  is_quiet: where there is none so far, none is begun.

        A comment that cannot be written is told, and fails nothing: the summary has the plan as well.
        """
        if self.writes is None or self.job.pull is None:
            return
        try:
            found = sticky.comment_of(self.writes, self.job.pull, comments.marker(self.name))
            if found is None and is_quiet:
                return
            self.child.output(url=sticky.keep_comment(self.writes, self.job.pull, body, found).url)
        except ForgeError as error:
            self.untold("This could not be written to the pull request; the job's summary has it.", error)

    def failed(self, command: str, ended: Ended, *, is_told: bool = False) -> int:
        """Tell of a command that failed, also where its result would have stood; return its code."""
        self.child.tell_failure(ended, is_told=is_told)
        text = comments.failed(self.name, command, ended.err or ended.out, self.job)
        self.child.summarise(text)
        if command == "plan":
            self.comment(text)
        return ended.code

    def untold(self, what: str, error: ForgeError) -> None:
        """Warn that something could not be told on the forge."""
        self.child.annotate(
            commands([Annotation(level="warning", title=f"mailstack {self.name}", text=f"{what}\n{error}")])
        )
        self.child.tell(f"{what}\n{error}")
