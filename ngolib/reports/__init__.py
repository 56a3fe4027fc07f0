"""From the plan to pages: what is to be made, running it, exporting it, publishing it.

`plan` says what is wanted, `freshness` what of it is out of date, `job` turns one report into the
bytes of its files (`execute` runs the notebook, `outputs` reads what it handed over, `page` writes
the HTML), `publish` puts them in place, `site` writes the index, `driver` does all of it in order.
"""
