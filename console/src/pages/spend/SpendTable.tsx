import Big from 'big.js'
import { useState } from 'react'
import type { SpendKey } from '../../gql/graphql'
import type { SpendRow } from '../../graph/spend'
import { choose, useParams } from '../../lib/address'
import { usePeriodParameters } from '../../lib/period'
import { Table, type Sort } from '../../ui/Table'
import { columnsFor, footerFor, hrefOfRow } from './columns'
import { nameIn } from './keys'
import { currenciesOf } from './series'

const AT_FIRST = 100
const LARGEST: Sort = { key: 'billed', descending: true }

interface Props {
  title: string
  rows: readonly SpendRow[]
  totals: readonly SpendRow[]
  keys: readonly SpendKey[]
  outdated: boolean
}

/** The rows of the graph with their totals. The address has the order. */
export function SpendTable({ title, rows, totals, keys, outdated }: Props) {
  const params = useParams()
  const parameters = usePeriodParameters()
  const [all, setAll] = useState(false)
  const sort = sortIn(params) ?? (keys[0] === 'MONTH' ? undefined : LARGEST)
  const sorted = sort ? rows.toSorted(orderBy(sort, currenciesOf(rows))) : rows // else by month, as the graph sorts them
  const columns = columnsFor(keys, totals)
  return (
    <>
      <div className="wide">
        <Table
          caption={title}
          columns={columns}
          rows={all ? sorted : sorted.slice(0, AT_FIRST)}
          rowKey={(row) => JSON.stringify([...keys.map((key) => nameIn(row, key)), row.project?.id, row.account?.id, row.currency, row.because])}
          rowHref={(row) => hrefOfRow(row, keys, parameters)}
          {...(sort && { sort })}
          onSort={({ key, descending }) => choose({ sort: `${descending ? '-' : ''}${key}` })}
          footer={footerFor(columns, totals)}
          outdated={outdated}
        />
      </div>
      {rows.length > AT_FIRST && (
        <button type="button" className="plain" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? `Show the first ${AT_FIRST}` : `Show all ${rows.length} rows`}
        </button>
      )}
    </>
  )
}

function sortIn(params: URLSearchParams): Sort | undefined {
  const text = params.get('sort')
  return text ? { key: text.replace(/^-/, ''), descending: text.startsWith('-') } : undefined
}

/** Amounts are compared within a currency only: so the currency comes first. Rows without a value come last. */
const orderBy = ({ key, descending }: Sort, currencies: readonly string[]) => (one: SpendRow, other: SpendRow) => {
  const turn = descending ? -1 : 1
  if (key === 'invoices') return turn * (one.invoices - other.invoices)
  if (key === 'billed') {
    if (one.currency !== other.currency) return placeIn(currencies, one) - placeIn(currencies, other)
    return one.billed && other.billed ? turn * new Big(one.billed.amount).cmp(other.billed.amount) : 0
  }
  if (key === 'MONTH') return turn * texts(one.month, other.month)
  const [name, another] = [nameIn(one, key as SpendKey), nameIn(other, key as SpendKey)]
  return name && another ? turn * name.localeCompare(another) : texts(name, another)
}

const placeIn = (currencies: readonly string[], { currency }: SpendRow) => (currency ? currencies.indexOf(currency) : currencies.length)

function texts(one: string | null | undefined, other: string | null | undefined): number {
  if (!one || !other) return (one ? 0 : 1) - (other ? 0 : 1)
  return one < other ? -1 : one > other ? 1 : 0
}
