import type { ReactNode } from 'react'
import type { SpendKey } from '../../gql/graphql'
import { type SpendRow, valueOf } from '../../graph/spend'
import { type Changes, hrefOf } from '../../lib/address'
import type { Money } from '../../lib/money'
import { firstOf, lastOf, monthOf } from '../../lib/time'
import { Sum, Sums } from '../../ui/Amount'
import type { Column } from '../../ui/Table'
import { absenceOf, KEYS, nameIn } from './keys'

const PARTS = [
  ['charges', 'Charges'],
  ['credits', 'Credits'],
  ['adjustments', 'Adjustments'],
  ['taxes', 'Taxes'],
] as const

/** The columns of the rows: their keys, the parts of the amount that occur, and the amount. */
export function columnsFor(keys: readonly SpendKey[], totals: readonly SpendRow[]): Column<SpendRow>[] {
  const parts = PARTS.filter(([name]) => totals.some((total) => isAmount(total[name])))
  const hasUnpriced = totals.some(({ unpriced }) => unpriced > 0)
  return [
    ...keys.map((key): Column<SpendRow> => ({ key, header: KEYS[key], sortable: true, cell: (row) => <Name row={row} name={key} /> })),
    ...parts.map(([name, header]): Column<SpendRow> => ({ key: name, header, align: 'end', cell: (row) => <PartOf money={row[name]} row={row} /> })),
    { key: 'billed', header: 'Billed', align: 'end', sortable: true, cell: ({ billed }) => <Sum money={billed} /> },
    { key: 'invoices', header: 'Invoices', align: 'end', sortable: true, cell: ({ invoices }) => invoices },
    ...(hasUnpriced ? [{ key: 'unpriced', header: 'Not stated', align: 'end' as const, cell: ({ unpriced }: SpendRow) => unpriced || '' }] : []),
  ]
}

const isAmount = (money: Money | null | undefined) => Boolean(money && /[1-9]/.test(money.amount))

/** A part of the amount. Nothing where the row has no such part. */
const PartOf = ({ money, row }: { money: Money | null | undefined; row: SpendRow }) =>
  isAmount(money) ? <Sum money={money} /> : <span className="unknown">{row.currency ? '–' : ''}</span>

function Name({ row, name }: { row: SpendRow; name: SpendKey }) {
  return nameIn(row, name) ?? <span className="unknown">{absenceOf(row, name)}</span>
}

/** The cells of the last line: the graph's totals, one for each currency. */
export function footerFor(columns: readonly Column<SpendRow>[], totals: readonly SpendRow[]): ReactNode[] {
  const unpriced = totals.reduce((count, total) => count + total.unpriced, 0)
  return columns.map(({ key }, place) => {
    if (place === 0) return 'Total'
    if (key === 'unpriced') return unpriced
    const money = totals.flatMap((total) => (key === 'billed' || PARTS.some(([name]) => name === key) ? (total[key as 'billed'] ?? []) : []))
    return money.length > 0 ? <Sums money={money.filter((one) => key === 'billed' || isAmount(one))} none="" /> : null
  })
}

/** Where a row comes from: its invoices, if the list of invoices has a filter for each of its keys. */
export function hrefOfRow(row: SpendRow, keys: readonly SpendKey[], parameters: Changes): string | undefined {
  if (keys.length === 1 && row.project) return hrefOf('project', { ...parameters, id: row.project.id })
  const filters = keys.map((key) => filterFor(row, key))
  return filters.some((filter) => !filter) ? undefined : hrefOf('invoices', Object.assign({}, parameters, ...filters))
}

function filterFor(row: SpendRow, key: SpendKey): Changes | undefined {
  const value = valueOf(row, key)
  if (!value) return undefined
  if (key === 'PROVIDER') return { providers: value }
  if (key === 'ACCOUNT') return { accounts: value }
  if (key === 'PROJECT') return { projects: value }
  return key === 'MONTH' ? { period: 'custom', from: firstOf(monthOf(value)), to: lastOf(monthOf(value)) } : undefined
}
