"""A small page with one script and one style sheet, in the form in which the console is built."""

from pathlib import Path

from server.http.console import Console

PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Console</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="./console/index-B2b2.css" />
    <script type="module" src="./console/index-A1a1.js"></script>
    <script>document.title = "An inline script ran"</script>
  </head>
  <body><output></output></body>
</html>
"""
# Queries the graph, then downloads a file, both with the key in the fragment of the address.
SCRIPT = """
const headers = { Authorization: `Bearer ${location.hash.slice(1)}` }
const body = JSON.stringify({ query: '{ accounts { id } }' })
const graph = await fetch('graphql', {
  method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body,
})
const file = await fetch('export/invoices.csv?periodFrom=2026-10-01', { headers })
const link = document.createElement('a')
link.href = URL.createObjectURL(await file.blob())
link.download = file.headers.get('Content-Disposition').match(/filename="(.+)"/)[1]
link.click()
document.querySelector('output').textContent = (await graph.json()).data.accounts.map((each) => each.id).join()
"""
STYLE = "output { color: rgb(1, 2, 3) }"


def write_console(folder: Path, script: str = SCRIPT) -> Console:
    """Write the page into a folder. Returns the console of the folder."""
    (folder / "console").mkdir()
    (folder / "index.html").write_text(PAGE)
    (folder / "console/index-A1a1.js").write_text(script)
    (folder / "console/index-B2b2.css").write_text(STYLE)
    return Console(folder)
