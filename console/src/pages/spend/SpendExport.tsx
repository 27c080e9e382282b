import { Table2 } from 'lucide-react'
import type { SpendKey } from '../../gql/graphql'
import { type SpendRow, valueOf } from '../../graph/spend'
import { type Cell, csvOf, saveFile } from '../../lib/file'
import { type Period, periodFilter } from '../../lib/period'
import { Download } from '../../ui/Download'
import type { SpendFound } from './useSpend'

const NAMES: Partial<Record<SpendKey, (row: SpendRow) => string | null | undefined>> = {
  ACCOUNT: ({ account }) => account?.name,
  PROJECT: ({ project }) => project?.name,
}

const AMOUNTS = ['billed', 'charges', 'credits', 'adjustments', 'taxes'] as const
const COUNTS = ['invoices', 'lines', 'unpriced'] as const

/** The table as a file of this page, and the line items behind it as a file of the service. */
export function SpendExport({ spend, period }: { spend: SpendFound; period: Period }) {
  const { keys, rows, accounts, awaited, isIncomplete, outdated } = spend
  const days = [...Object.values(periodFilter(period))]
  const name = ['spend', ...keys.map(camel), ...days, ...(isIncomplete ? ['incomplete'] : [])].join('_')
  const query = new URLSearchParams([...Object.entries(periodFilter(period)), ...accounts.map(({ id }) => ['accounts', id])] as string[][])
  return (
    <>
      <button type="button" disabled={awaited.length > 0 || outdated || rows.length === 0} onClick={() => saveFile(tableFile(keys, rows), `${name}.csv`)}>
        <Table2 className="icon" aria-hidden="true" /> {isIncomplete ? 'This table as CSV, incomplete' : 'This table as CSV'}
      </button>
      <Download href={`export/lines.csv?${query}`}>Line items as CSV</Download>
    </>
  )
}

const camel = (name: string) => name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())

/** All rows with the names of the graph, whether they are shown or not. */
function tableFile(keys: readonly SpendKey[], rows: readonly SpendRow[]): Blob {
  const columns = keys.flatMap((key): [string, (row: SpendRow) => Cell][] => {
    const name = NAMES[key]
    return [[camel(key), (row) => valueOf(row, key)], ...(name ? [[`${camel(key)}Name`, name] as [string, (row: SpendRow) => Cell]] : [])]
  })
  const header = [...columns.map(([name]) => name), 'because', 'currency', ...AMOUNTS, ...COUNTS]
  const cellsOf = (row: SpendRow): Cell[] => [
    ...columns.map(([, cell]) => cell(row)),
    row.because,
    row.currency,
    ...AMOUNTS.map((name) => (row[name] ? { digits: row[name].amount } : null)),
    ...COUNTS.map((name) => ({ digits: String(row[name]) })),
  ]
  return csvOf(header, rows.map(cellsOf))
}
