"""From the plan to pages: what is to be made, running it, exporting it, publishing it.

`plan` says what is wanted, `freshness` what is out of date, `job` turns a report into the bytes of
its files, `publish` puts them in place, `site` writes the index, `driver` does all of it in order.
"""

import sys

# With JupyterLab installed, jsonschema would build a grammar for 1.6 s for one unused check.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
