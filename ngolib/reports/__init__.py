"""From the plan to pages: what is to be made, running it, exporting it, publishing it.

`plan` says what is wanted, `freshness` what of it is out of date, `job` turns one report into the
bytes of its files (`execute` runs the notebook, `outputs` reads what it handed over, `page` writes
the HTML), `publish` puts them in place, `site` writes the index, `driver` does all of it in order.
"""

import sys

# With JupyterLab installed, importing what reads notebooks would build a grammar for 1.6 s, which
# serves one unused check; jsonschema goes without it if its import fails.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
