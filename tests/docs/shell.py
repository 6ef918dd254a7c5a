"""Commands of a page, in bash, as a reader types them; and servers, which run until it ends."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Dict, List, Optional, Tuple, Type

from .blocks import Block, PageError
from .outputs import check_some

SECONDS = 600  # a busy machine is slow
PORT = 8000  # that of `spacy lstm serve`


def _environment() -> Dict[str, str]:
    environment = {name: os.environ[name] for name in os.environ if name != "PYTHONPATH"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    threads = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    plain = {"NO_COLOR": "1", "ANSI_COLORS_DISABLED": "1", "COLUMNS": "100", "TERM": "dumb"}
    return {**environment, **threads, **plain, "PATH": path}


class Shell:
    """Runs the commands of one page, in its folder. Its servers get a port that is free, in place
    of 8000, so that pages don't meet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.servers: List[Tuple[Block, subprocess.Popen, IO[str]]] = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def with_port(self, code: str) -> str:
        """code (str): Code of the page.
        RETURNS (str): The same, with the port of the page's own server, if it has one.
        """
        return re.sub(rf"\b{PORT}\b", str(self.port), code) if self.servers else code

    def _start(self, code: str, log: IO[str]) -> subprocess.Popen:
        return subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", code],
            cwd=self.folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that all that it starts can be ended
        )

    def run(self, block: Block) -> None:
        """block (Block): Commands.
        RAISES (PageError): If they end with another code than they should, or print something else.
        """
        with TemporaryFile("w+", encoding="utf8") as log:
            process = self._start(self.with_port(block.code), log)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=SECONDS)
            code = process.poll()
            _end(process)
            printed = _read(log)
        if code is None:
            raise PageError(block.line, f"not done after {SECONDS} seconds:\n{printed}")
        wanted = int(block.argument) if block.verb == "exits" else 0
        if code != wanted:
            raise PageError(block.line, f"exit code {code}, and not {wanted}:\n{printed}")
        check_some(block.output, printed)

    def serve(self, block: Block) -> None:
        """block (Block): A command that serves something, at port 8000. It is awaited.
        RAISES (PageError): If it ends.
        """
        log = TemporaryFile("w+", encoding="utf8")  # noqa: SIM115 - open until the page ends
        code = re.sub("spacy lstm serve", rf"\g<0> --port {self.port}", block.code)
        process = self._start(code.replace(str(PORT), str(self.port)), log)
        self.servers.append((block, process, log))
        for _ in range(SECONDS * 10):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if process.poll() is not None:
                break
            time.sleep(0.1)
        raise PageError(block.line, f"nothing at port {PORT}:\n{_read(log)}")

    def __enter__(self) -> "Shell":
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        printed = []
        for block, process, log in self.servers:
            _end(process)
            printed.append((block, _read(log)))
            log.close()
        if error is None:
            for block, text in printed:
                check_some(block.output, text.replace(str(self.port), str(PORT)))


def _read(log: IO[str]) -> str:
    log.seek(0)
    return log.read()


def _end(process: subprocess.Popen) -> None:
    for number in (signal.SIGINT, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            continue
        break
    process.wait()
