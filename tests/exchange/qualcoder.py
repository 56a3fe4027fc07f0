"""Drives the program QualCoder without a screen: import, coding by mouse and keys, export.

Run by the Python of QualCoder's environment, with its sources (see docs/guide-qda.md):

    python qualcoder.py SOURCES PROJECT.qdpx TO.qdpx TODO.json

`TODO.json` holds whose name the coder has, the name of a text, and statements: words, codes that
are clicked, and a memo. Printed is what arrived, as JSON. What has to do with language models and
films is left out of the program; questions that it asks in windows of its own are answered here.
"""

import gettext
import importlib.abc
import importlib.machinery
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from unittest.mock import MagicMock, patch

LEFT_OUT = "langchain langchain_core langchain_community langchain_openai faiss vlc mcp openai "
LEFT_OUT += "langchain_text_splitters sentence_transformers transformers qualcoder.ai_chat "
LEFT_OUT += "qualcoder.ai_llm qualcoder.ai_prompts qualcoder.ai_search_dialog "
LEFT_OUT += "qualcoder.ai_vectorstore"


class Stub(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands for every module that is left out."""

    def find_spec(self, name, path=None, target=None):
        if any(name == own or name.startswith(f"{own}.") for own in LEFT_OUT.split()):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        module = MagicMock(name=spec.name)
        module.__path__, module.__spec__ = [], spec
        return module

    def exec_module(self, module):
        pass


def tables(connection) -> dict[str, list]:
    """What arrived: groups, codes with their group and memo, texts, coded stretches."""
    asked = {
        "groups": "select name, memo from code_cat",
        "codes": "select c.name, g.name, c.memo from code_name c "
        "left join code_cat g using (catid)",
        "texts": "select name, fulltext, memo from source",
        "codings": "select t.owner, s.name, c.name, t.seltext, t.pos0, t.pos1, t.memo "
        "from code_text t join source s on s.id = t.fid join code_name c using (cid)",
    }
    return {name: connection.execute(query).fetchall() for name, query in asked.items()}


def code(window, text: str, statements: list[dict]) -> int:
    """Code statements as a person does, in the program's own window; return how often one acts."""
    from PyQt6 import QtCore, QtGui, QtTest, QtWidgets

    left = QtCore.Qt.MouseButton.LeftButton
    listed = window.ui.listWidget.findItems(text, QtCore.Qt.MatchFlag.MatchStartsWith)[0]
    window.ui.listWidget.setCurrentItem(listed)
    window.listwidgetitem_view_file()
    tree, shown = window.ui.treeWidget, window.ui.plainTextEdit
    words = shown.toPlainText()
    acts = 0
    for statement in statements:
        place = words.index(statement["words"])
        # Qt counts UTF-16 units.
        start = len(words[:place].encode("utf-16-le")) // 2
        length = len(statement["words"].encode("utf-16-le")) // 2
        cursor = shown.textCursor()
        cursor.setPosition(start)
        cursor.setPosition(start + length, QtGui.QTextCursor.MoveMode.KeepAnchor)
        shown.setTextCursor(cursor)
        acts += 1
        for name in statement["codes"]:
            flags = QtCore.Qt.MatchFlag.MatchExactly | QtCore.Qt.MatchFlag.MatchRecursive
            item = tree.findItems(name, flags, 0)[0]
            item.parent().setExpanded(True)
            tree.scrollToItem(item)
            QtTest.QTest.mouseClick(tree.viewport(), left, pos=tree.visualItemRect(item).center())
            QtWidgets.QApplication.processEvents()
            acts += 1
        if memo := statement.get("memo"):
            cursor.setPosition(start + 1)
            shown.setTextCursor(cursor)
            answer, chosen = MagicMock(), MagicMock()
            answer.return_value.memo = memo
            chosen.side_effect = lambda _, several, *rest: MagicMock(
                exec=lambda: 1, get_selected=lambda: several[0]
            )
            with (
                patch("qualcoder.code_text.DialogMemo", answer),
                patch("qualcoder.code_text.DialogSelectItems", chosen),
            ):
                window.coded_text_memo(cursor.position())
            acts += 5  # a click, the key M, which code, the words, the window closed
    return acts


def main(sources: str, path: str, to: str, todo: str) -> None:
    """Import a project, code in it, export it."""
    work = json.loads(Path(todo).read_text(encoding="utf-8"))
    home = Path(tempfile.mkdtemp())
    (home / ".qualcoder").mkdir()
    os.environ |= {"QT_QPA_PLATFORM": "offscreen", "HOME": str(home), "USERPROFILE": str(home)}
    sys.path.insert(0, str(Path(sources) / "src"))
    sys.meta_path.insert(0, Stub())
    gettext.install("qualcoder")
    from PyQt6 import QtWidgets

    application = QtWidgets.QApplication(sys.argv[:1])
    import qualcoder.__main__ as program

    program.AiLLM = MagicMock()
    from qualcoder.code_text import DialogCodeText

    sys.excepthook = sys.__excepthook__  # its own waits for a click

    dialog = QtWidgets.QFileDialog
    window = MagicMock()
    # The main window asks for the names of files and shows messages; all else is its own.
    with (
        patch.object(dialog, "getSaveFileName", return_value=(str(home / "mine"), True)),
        patch.object(dialog, "getOpenFileName", return_value=(path, True)),
        patch.object(dialog, "getExistingDirectory", return_value=str(home)),
        patch.object(QtWidgets.QDialog, "exec", return_value=1),
        patch.object(QtWidgets.QMessageBox, "exec", return_value=1),
    ):
        began = time.perf_counter()
        program.MainWindow.new_project(window)
        opened = window.app
        opened.settings["codername"] = work["coder"]
        program.RefiImport(opened, MagicMock(), "qdpx")
        imported = time.perf_counter() - began
        arrived = tables(opened.conn)
        acts = 0
        if work["statements"]:
            coding = DialogCodeText(opened, MagicMock(), MagicMock())
            coding.resize(1400, 900)
            coding.show()
            application.processEvents()
            acts = code(coding, work["text"], work["statements"])
        began = time.perf_counter()
        program.RefiExport(opened, MagicMock(), "project")
        exported = time.perf_counter() - began
    next(home.glob("*.qdpx")).rename(to)
    told = {"version": opened.version, "acts": acts, "arrived": arrived}
    seconds = {"import": round(imported, 2), "export": round(exported, 2)}
    print(json.dumps(told | {"seconds": seconds, "coded": tables(opened.conn)["codings"]}))
    sys.stdout.flush()
    os._exit(0)


main(*sys.argv[1:])
