"""What a test of a transport found. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    """A line of the session, credentials masked, or a remark in brackets. `seconds` since the test began."""

    seconds: float
    from_server: bool
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step and how long it took in seconds. `text` is the reply, or what came out."""

    name: str
    seconds: float
    succeeded: bool
    text: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A failure that has a name. `says` is what happened, `advice` the next step for the admin."""

    name: str
    says: str
    advice: str


@dataclass(frozen=True, slots=True)
class WayReport:
    """One way that mail would take: a host of a relay, or the mail servers of the recipient's domain."""

    title: str
    succeeded: bool
    steps: tuple[Step, ...]
    transcript: tuple[TranscriptLine, ...]
    diagnoses: tuple[Diagnosis, ...]
    """One for each host that failed, in their order; with success those of the hosts before."""


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """The whole test. `seconds` in all."""

    transport: str
    ways: tuple[WayReport, ...]
    seconds: float

    @property
    def succeeded(self) -> bool:
        """Whether every way could be used."""
        return bool(self.ways) and all(way.succeeded for way in self.ways)
