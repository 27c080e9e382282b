import { sums } from '../../lib/money'
import { monthName } from '../../lib/time'
import { Sum, Sums } from '../../ui/Amount'
import { Simulated } from '../../ui/Simulated'
import type { Column } from '../../ui/Table'
import type { ProjectRow } from './useProjects'

const NOT_KNOWN = <span className="unknown">not known</span>

export const COLUMNS: readonly Column<ProjectRow>[] = [
  { key: 'name', header: 'Project', cell: ({ name }) => name ?? <span className="unknown">not named</span> },
  {
    key: 'account',
    header: 'Account',
    cell: ({ account }) => (
      <>
        {account.name} <Simulated account={account} />
      </>
    ),
  },
  { key: 'invoices', header: 'Invoices', align: 'end', cell: (row) => <Shares row={row} /> },
  { key: 'latest', header: 'Newest', align: 'end', cell: ({ charges }) => <Latest charges={charges} /> },
  { key: 'cost', header: 'Cost', align: 'end', cell: ({ charges, total }) => (charges ? <Sums money={total} /> : NOT_KNOWN) },
]

/** How many invoices charge the project, and how many of them state no amount for it. */
function Shares({ row: { charges, isCut } }: { row: ProjectRow }) {
  if (!charges) return NOT_KNOWN
  const unpriced = charges.filter(({ cost }) => !cost).length
  return (
    <span>
      {isCut ? `newest ${charges.length}` : charges.length}
      {unpriced > 0 && <small>, {unpriced} not stated</small>}
    </span>
  )
}

function Latest({ charges }: Pick<ProjectRow, 'charges'>) {
  const latest = charges?.[0]
  if (!latest) return charges ? <span className="unknown">none</span> : NOT_KNOWN
  return (
    <span>
      <small>{monthName(latest.month)}</small> <Sum money={latest.cost} />
    </span>
  )
}

/** The cells of the last line: one exact sum for each currency. */
export function footerOf(rows: readonly ProjectRow[]) {
  const shares = rows.reduce((count, { charges }) => count + (charges?.length ?? 0), 0)
  const isPart = rows.some(({ charges, isCut }) => !charges || isCut)
  return [isPart ? 'What is known of these' : 'All of these', '', shares, '', <Sums key="total" money={sums(rows.flatMap(({ total }) => total))} />]
}
