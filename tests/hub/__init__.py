"""A Hub of one's own: a real server that answers the real ``huggingface_hub`` client.

What it serves is a description in memory, which a test breaks one attribute at a time (the idea of python-tuf's
``RepositorySimulator``). It proves agreement with the client, not with the live Hub's JSON, which nobody here wrote.
"""

from tests.hub.local import LocalHub
from tests.hub.repo import Claim, Content, Repo, Sparse
from tests.hub.state import Failure, Hub, Seen

__all__ = ["Claim", "Content", "Failure", "Hub", "LocalHub", "Repo", "Seen", "Sparse"]
