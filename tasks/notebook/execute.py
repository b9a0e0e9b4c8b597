"""Executes notebooks without a browser: one JSON document on stdin, one JSON document a line on stdout."""

import asyncio
import json
import re
import sys
from queue import Empty

# Takes most of a second to load where JupyterLab is installed, for checks of addresses that no notebook has.
sys.modules["rfc3987_syntax"] = None

import mistune
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, CellExecutionError, DeadKernelError

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def tell(**news):
    print(json.dumps(news), flush=True)


def first_line(error):
    """The line that says what went wrong, without colours, stack and the kernel's own words."""
    lines = [ANSI.sub("", line).strip() for line in error.evalue.split("\n")]
    line = next((line for line in lines if line), "")
    line = re.sub(r"^Uncaught (\(in promise\) )?", "", line)
    told = error.ename in ("", "Error", "Refusal") or line.startswith(error.ename)
    return line if told else f"{error.ename}: {line}"


def markdown_of(notebook):
    """HTML of each Markdown cell by its place; HTML inside Markdown is shown as it is written."""
    render = mistune.create_markdown(escape=True, plugins=["table", "strikethrough"])
    return {
        str(place): render(cell.source)
        for place, cell in enumerate(notebook.cells)
        if cell.cell_type == "markdown"
    }


class PatientClient(NotebookClient):
    """Also takes what the kernel sends after it has said that it is idle, as Deno's does once in a while."""

    LATEST = 0.3  # seconds after the last cell

    async def _async_poll_output_msg(self, parent_msg_id, cell, cell_index):
        cells = self.__dict__.setdefault("asked", {})
        cells[parent_msg_id] = (cell, cell_index)
        while True:
            if await self.take(None) == parent_msg_id:
                return

    async def take(self, timeout):
        """Puts one message where it belongs; the id of the request that it ends, if it does."""
        message = await self.kc.iopub_channel.get_msg(timeout=timeout)
        parent = message["parent_header"].get("msg_id")
        if parent in self.asked:
            try:
                self.process_message(message, *self.asked[parent])
            except CellExecutionComplete:
                return parent
        return None

    async def execute_all(self):
        async with self.async_setup_kernel():
            for index, cell in enumerate(self.nb.cells):
                await self.async_execute_cell(cell, index)
            try:
                while True:
                    await self.take(self.LATEST)
            except Empty:
                pass


def is_given(cell):
    return "injected-parameters" in cell.metadata.get("tags", [])


async def execute(name, document, folder):
    notebook = nbformat.reads(json.dumps(document), as_version=4)
    done = 0

    def count(cell, cell_index, **_):
        nonlocal done
        done = cell_index - sum(is_given(before) for before in notebook.cells[:cell_index])
        tell(kind="cell", name=name, done=cell_index, count=len(notebook.cells))

    client = PatientClient(
        notebook,
        kernel_name="deno",
        timeout=None,
        record_timing=False,
        resources={"metadata": {"path": folder}},
        on_cell_start=count,
    )
    try:
        await client.execute_all()
    except CellExecutionError as error:
        tell(kind="failed", name=name, cell=done + 1, message=first_line(error))
        return
    except DeadKernelError:
        tell(kind="failed", name=name, cell=done + 1, message="the kernel died")
        return
    for cell in notebook.cells:
        if is_given(cell):
            cell.outputs = []  # an assignment shows its value, which nobody asked for
    tell(kind="finished", name=name, notebook=notebook, markdown=markdown_of(notebook))


async def main():
    request = json.load(sys.stdin)
    free = asyncio.Semaphore(request["parallel"])

    async def one(job):
        async with free:
            await execute(job["name"], job["notebook"], request["folder"])

    await asyncio.gather(*(one(job) for job in request["jobs"]))


asyncio.run(main())
