"""The kernel of one run: where it is started, how it is known to be ready, how it is stopped."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from contextlib import suppress
from queue import Empty
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

from ngolib.reports import warm
from ngolib.reports.warm import START_TIMEOUT, Run, environment

# Longest path of a Unix socket that every system allows, less the ending that the kernel adds.
LONGEST_SOCKET = 90


class Provisioner(LocalProvisioner):
    """Starts a run's kernel, from the warm parent if there is one, and stops it without delay."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel."""
        manager: Any = self.parent
        run: Run = manager.run
        settings = warm.settings()
        if settings.stopped:
            raise RuntimeError("the command was stopped")
        if settings.parent is not None:
            # An interpreter's `-m module`: the launcher's name and its options are what follows.
            argv = cmd[cmd.index("-m") + 1 :]
            with suppress(OSError):
                forked: Any = await asyncio.to_thread(
                    settings.parent.fork, argv, kwargs["env"], kwargs["cwd"], run.output
                )
                self.process = forked
                self.pid = self.pgid = forked.pid
                self.cwd = kwargs["cwd"]
        if self.process is None:
            with run.output.open("ab") as output:
                await super().launch_kernel(cmd, **kwargs, stdout=output, stderr=output)
        warm.watch(run, self.process)
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and wait until it is gone, so that nobody needs to look again later."""
        process = self.process
        await super().kill(restart)
        deadline = time.monotonic() + 2
        while process and process.poll() is None and time.monotonic() < deadline:
            await asyncio.sleep(0.002)


class Client(AsyncKernelClient):
    """A client that begins as soon as the kernel is ready."""

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait for the answer of the kernel on both channels.

        The usual way then waits 0.2 seconds for further messages; there are none after `idle`.
        """
        deadline = time.monotonic() + (timeout or START_TIMEOUT)
        while time.monotonic() < deadline:
            asked = self.kernel_info()
            if await self._answered(asked):
                return
            if not await self._async_is_alive():
                raise RuntimeError("it ended before it was ready")
        raise RuntimeError(f"it was not ready after {timeout or START_TIMEOUT} seconds")

    async def _answered(self, asked: str) -> bool:
        """Say whether a question is answered, and the kernel idle again, within a second."""
        try:
            while True:
                reply = await self.shell_channel.get_msg(timeout=1)
                if reply["parent_header"].get("msg_id") == asked:
                    break
            self._handle_kernel_info_reply(reply)
            while True:
                message = await self.iopub_channel.get_msg(timeout=1)
                if (
                    message["parent_header"].get("msg_id") == asked
                    and message["content"].get("execution_state") == "idle"
                ):
                    return True
        except Empty:
            return False

    wait_for_ready = _async_wait_for_ready


def manager_class(run: Run) -> type[AsyncKernelManager]:
    """Make the class that starts a kernel for one run.

    The kernel is this interpreter, whatever kernels are installed on the machine; what it writes
    (connection, history, settings of IPython) goes to the run's folder, so that Jupyter's own
    folders are neither read nor need to be writable; and two runs at a time cannot take each
    other's port, because where the system has them, Unix sockets are used.

    Parameters
    ----------
    run : Run
        For which run; takes note of the kernel's process.

    Returns
    -------
    type
    """
    connection = run.folder / "kernel.json"
    sockets = os.name == "posix" and len(str(connection)) < LONGEST_SOCKET

    class RunKernel(AsyncKernelManager):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.connection_file = str(connection)
            self.transport = "ipc" if sockets else "tcp"
            self.client_factory = Client
            self.run = run

        @property
        def kernel_spec(self) -> KernelSpec:
            launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=launch, display_name="Python 3", language="python")

        async def _async_start_kernel(self, **options: Any) -> None:
            self.kernel_id = self.kernel_id or "run"
            if self.provisioner is None:
                self.provisioner = Provisioner(
                    kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
                )
            env = environment(run.root) | {"IPYTHONDIR": str(run.folder / "ipython")}
            await super()._async_start_kernel(**options, cwd=str(run.root), env=env)

        start_kernel = _async_start_kernel

    return RunKernel
