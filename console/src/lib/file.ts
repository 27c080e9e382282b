/** Saves data as a file of the reader. */
export function saveFile(content: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}

/** A cell of a table file: a text, or the digits of a number. */
export type Cell = string | { readonly digits: string } | null | undefined

const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/ // texts that a spreadsheet would run

/** A CSV file (RFC 4180) with a header. A text that a spreadsheet would run as a formula gets ' in front, as in the service's files. */
export function csvOf(header: readonly string[], rows: readonly (readonly Cell[])[]): Blob {
  const lines = [header, ...rows].map((cells) => `${cells.map(written).join(',')}\r\n`)
  return new Blob(lines, { type: 'text/csv;charset=utf-8' })
}

function written(cell: Cell): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell !== 'string') return cell.digits
  const safe = FORMULA.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
