"""The local Hub's routes: what inspection and downloads ask for, answered as the client expects it."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import parse_qs, quote

import yaml
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.hub.repo import Content, Repo, git_blob_sha1, piece, sha256
from tests.hub.state import Failure, Hub, Seen


class Refused(Exception):
    """An answer that ends the request early."""

    def __init__(self, status: int, code: str = "", message: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def response(self) -> Response:
        """The answer, in the Hub's manner."""
        headers = {"X-Error-Message": self.message} if self.message else {}
        if self.code:
            headers["X-Error-Code"] = self.code
        return JSONResponse({"error": self.message}, self.status, headers)


DISABLED = Refused(403, message="Access to this resource is disabled.")


class Routes:
    """The endpoints, over one :class:`Hub`."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    def app(self) -> Starlette:
        """The ASGI application."""
        repo = "{owner}/{name}"
        api = f"/api/models/{repo}"
        routes = [
            Route("/api/whoami-v2", self.whoami),
            Route("/api/models", self.list_models),
            Route(f"{api}/auth-check", self.auth_check),
            Route(f"{api}/refs", self.refs),
            Route(f"{api}/revision/{{revision:path}}", self.info),
            Route(f"{api}/tree/{{rest:path}}", self.tree),
            Route(f"{api}/paths-info/{{revision:path}}", self.paths_info, methods=["POST"]),
            Route(api, self.info),
            Route(f"/{repo}/resolve/{{rest:path}}", self.resolve, methods=["GET", "HEAD"]),
            Route(f"/lfs/{repo}/{{commit}}/{{file:path}}", self.large_file),
        ]
        app = Starlette(routes=routes, exception_handlers={Refused: _refuse})
        app.add_middleware(BaseHTTPMiddleware, dispatch=self._each)
        return app

    async def _each(self, request: Request, answer: RequestResponseEndpoint) -> Response:
        """Log every request, and let those go wrong that shall."""
        path, token = request.url.path, _token(request)
        if self.hub.before is not None:
            self.hub.before(path)
        failure = self.hub.failure(path, token)
        self.hub.busy += 1
        self.hub.most_busy = max(self.hub.most_busy, self.hub.busy)
        await asyncio.sleep(self.hub.latency)
        self.hub.busy -= 1
        response = await _fail(failure) if failure else await answer(request)
        if self.hub.cookies:
            response.set_cookie("session", "of-someone")
        sent = int(response.headers.get("content-length", 0)) if request.method != "HEAD" else 0
        host = request.headers.get("host", "")
        cookie = "cookie" in request.headers
        self.hub.log.append(Seen(request.method, path, host, token, cookie, response.status_code, sent))
        return response

    def _repo(self, request: Request, *, files: bool = False) -> Repo:
        """The repo a request names, if the asker may see it, or its files."""
        token = _token(request)
        if token and token not in self.hub.tokens:
            raise Refused(401, message="Invalid credentials in Authorization header")
        repo = self.hub.repos.get(f"{request.path_params['owner']}/{request.path_params['name']}")
        granted = repo is not None and self.hub.may_read(repo, token)
        if repo is None or (repo.private and not granted):
            raise Refused(404 if token else 401, "RepoNotFound", "Repository not found")
        if repo.disabled == "all" or (repo.disabled and files):
            raise DISABLED
        if files and repo.gated and not granted:
            message = f"Access to model {repo.name} is restricted. You must have access to it."
            raise Refused(403 if token else 401, "GatedRepo", message)
        return repo

    async def whoami(self, request: Request) -> Response:
        """GET /api/whoami-v2."""
        if _token(request) not in self.hub.tokens:
            raise Refused(401, message="Invalid credentials in Authorization header")
        return JSONResponse({"type": "user", "name": "someone", "orgs": []})

    async def list_models(self, request: Request) -> Response:
        """GET /api/models."""
        seen = [r for r in self.hub.repos.values() if not r.private or self.hub.may_read(r, _token(request))]
        author = request.query_params.get("author")
        rows = [_info(r, r.sha) for r in seen if author in (None, r.name.split("/")[0])]
        return JSONResponse(rows[: int(request.query_params.get("limit", 1000))])

    async def auth_check(self, request: Request) -> Response:
        """GET auth-check: may the asker have the files?"""
        self._repo(request, files=True)
        return JSONResponse({})

    async def refs(self, request: Request) -> Response:
        """GET refs."""
        repo = self._repo(request)
        branches = [
            {"name": name, "ref": f"refs/heads/{name}", "targetCommit": commit}
            for name, commit in repo.heads.items()
        ]
        return JSONResponse({"branches": branches, "converts": [], "tags": [], "pullRequests": []})

    async def info(self, request: Request) -> Response:
        """GET the repo's description at a revision."""
        repo = self._repo(request)
        commit = _commit(repo, request.path_params.get("revision", "main"))
        data = _info(repo, commit, blobs="blobs" in request.query_params)
        wanted = request.query_params.getlist("expand")
        if wanted:
            data = {key: value for key, value in data.items() if key in {"_id", "id", *wanted}}
        if "securityStatus" in request.query_params:
            data["securityRepoStatus"] = {"scansDone": True, "filesWithIssues": []}
        return JSONResponse({key: value for key, value in data.items() if key not in repo.leave_out})

    async def tree(self, request: Request) -> Response:
        """GET a page of the tree; the cursor is the number of entries before it."""
        repo = self._repo(request)
        revision, _, folder = request.path_params["rest"].partition("/")
        commit = _commit(repo, revision)
        entries = _listing(repo, commit, folder, recursive=request.query_params.get("recursive") == "true")
        start = int(request.query_params.get("cursor", 0))
        headers = {}
        if start + self.hub.page < len(entries):
            url = request.url.include_query_params(cursor=start + self.hub.page)
            headers["Link"] = f'<{self.hub.next_page or url}>; rel="next"'
        return JSONResponse(entries[start : start + self.hub.page], headers=headers)

    async def paths_info(self, request: Request) -> Response:
        """POST paths-info."""
        repo = self._repo(request)
        files = repo.commits[_commit(repo, request.path_params["revision"])]
        wanted = parse_qs((await request.body()).decode()).get("paths", [])
        return JSONResponse([repo.entry(name, files[name]) for name in wanted if name in files])

    async def resolve(self, request: Request) -> Response:
        """HEAD or GET a file; a large one lies on another host."""
        repo = self._repo(request, files=True)
        revision, _, name = request.path_params["rest"].partition("/")
        commit = _commit(repo, revision)
        if name not in repo.commits[commit]:
            raise Refused(404, "EntryNotFound", "Entry not found")
        content = repo.commits[commit][name]
        headers = {"X-Repo-Commit": commit, "ETag": f'"{git_blob_sha1(content)}"'}
        if not repo.is_lfs(name, content):
            return self._bytes(request, content, headers)
        port = request.url.port
        target = f"http://localhost:{port}/lfs/{repo.name}/{commit}/{quote(name)}?sig={self.hub.secret}"
        headers |= {"X-Linked-ETag": f'"{sha256(content)}"', "X-Linked-Size": str(len(content))}
        return Response(status_code=302, headers={**headers, "Location": target})

    async def large_file(self, request: Request) -> Response:
        """GET a large file's bytes, by an address that the Hub signed."""
        if request.query_params.get("sig") != self.hub.secret:
            raise Refused(403, message="Signature missing")
        p = request.path_params
        repo = self.hub.repos[f"{p['owner']}/{p['name']}"]
        return self._bytes(request, repo.commits[p["commit"]][p["file"]], {})

    def _bytes(self, request: Request, content: Content, headers: dict[str, str]) -> Response:
        total = len(content)
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
        if match is None or not self.hub.ranges:
            headers |= {"Content-Length": str(total), "Accept-Ranges": "bytes"}
            return StreamingResponse(piece(content, 0, total), 200, headers)
        first, last = int(match[1]), min(int(match[2] or total - 1), total - 1)
        if first >= total:
            return Response(status_code=416, headers={"Content-Range": f"bytes */{total}"})
        length = last - first + 1
        headers |= {"Content-Range": f"bytes {first}-{last}/{total}", "Content-Length": str(length)}
        return StreamingResponse(piece(content, first, length), 206, headers)


def _token(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


async def _fail(failure: Failure) -> Response:
    await asyncio.sleep(failure.delay)
    return Response(failure.body, failure.status, dict(failure.headers), "application/json")


async def _refuse(_request: Request, refused: Exception) -> Response:
    if not isinstance(refused, Refused):
        raise refused
    return refused.response()


def _commit(repo: Repo, revision: str) -> str:
    commit = repo.resolve(revision)
    if commit is None:
        raise Refused(404, "RevisionNotFound", f"Invalid rev id: {revision}")
    return commit


def _info(repo: Repo, commit: str, *, blobs: bool = False) -> dict[str, Any]:
    files = repo.commits[commit]
    card = files.get("README.md", b"")
    data = _card_data(card) if isinstance(card, bytes) else {}
    name = repo.moved_to or repo.name
    return {
        "_id": commit[:24],
        "id": name,
        "modelId": name,
        "author": repo.author or name.split("/")[0],
        "sha": commit,
        "private": repo.private,
        "gated": repo.gated,
        "disabled": bool(repo.disabled),
        "lastModified": "2025-01-02T03:04:05.000Z",
        "createdAt": "2025-01-01T00:00:00.000Z",
        "tags": [f"license:{data['license']}"] if "license" in data else [],
        "cardData": data,
        "downloads": 0,
        "likes": 0,
        "siblings": [_sibling(repo, file, content, blobs=blobs) for file, content in files.items()],
    }


def _sibling(repo: Repo, name: str, content: Content, *, blobs: bool) -> dict[str, Any]:
    if not blobs:
        return {"rfilename": name}
    entry = repo.entry(name, content)
    result = {"rfilename": name, "size": entry["size"], "blobId": entry["oid"]}
    if repo.is_lfs(name, content):
        result["lfs"] = {"sha256": sha256(content), "size": entry["size"], "pointerSize": 134}
    return result


def _card_data(card: bytes) -> dict[str, Any]:
    """The card's front matter, as the Hub shows it; nothing when it cannot be read."""
    match = re.match(rb"---\n(.*?)\n---\n", card, re.DOTALL)
    try:
        data = yaml.safe_load(match[1]) if match else {}
    except yaml.YAMLError:
        return {}
    return data if isinstance(data, dict) else {}


def _listing(repo: Repo, commit: str, folder: str, *, recursive: bool) -> list[dict[str, object]]:
    """Files and folders below ``folder``, folders with an invented tree id."""
    prefix = f"{folder}/" if folder else ""
    files = {n: c for n, c in repo.commits[commit].items() if n.startswith(prefix)}
    parents = {n[:i] for n in files for i in range(len(prefix), len(n)) if n[i] == "/"}
    rows = [{"type": "directory", "path": p, "oid": commit, "size": 0} for p in parents]
    rows += [repo.entry(n, c) for n, c in files.items()]
    kept = [r for r in rows if recursive or "/" not in str(r["path"])[len(prefix) :]]
    return sorted(kept, key=lambda r: str(r["path"]))
