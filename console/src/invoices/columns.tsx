import { graphql, unmask, type FragmentType } from '../gql'
import type { InvoiceRowFragment as Row, InvoiceStatus } from '../gql/graphql'
import { hrefOf } from '../lib/address'
import { day, periodName } from '../lib/time'
import { Badge } from '../ui/Badge'
import { PaymentBadge } from '../ui/PaymentBadge'
import { Simulated } from '../ui/Simulated'
import type { Column } from '../ui/Table'
import { Total } from './Total'
import type { LinesTotal } from './useLinesTotals'

const InvoiceRowFragment = graphql(`
  fragment InvoiceRow on Invoice {
    id
    number
    status
    stale
    restatedAt
    dueAt
    period {
      start
      end
    }
    account {
      id
      name
      sandbox
    }
    provider {
      id
      name
    }
    total {
      currency
      ...Amount
    }
    ...Payment
  }
`)

export type InvoiceRow = Row

interface Edge {
  readonly node: FragmentType<typeof InvoiceRowFragment>
}

export const useRows = (edges: readonly Edge[]): readonly InvoiceRow[] =>
  unmask(InvoiceRowFragment, edges.map(({ node }) => node))

export const hrefOfRow = ({ id }: InvoiceRow) => hrefOf('invoice', { id })

const STATUSES: Readonly<Record<InvoiceStatus, string>> = { ISSUED: 'Issued', OPEN: 'Running' }

/** What an invoice is, and what is special about it. */
function Status({ invoice: { status, stale, restatedAt } }: { invoice: InvoiceRow }) {
  return (
    <span className="badges">
      {status ? STATUSES[status] : <span className="unknown">not known</span>}
      {restatedAt && (
        <Badge tone="info" title={`Changed after it was issued. Noticed on ${day(restatedAt)}.`}>
          restated
        </Badge>
      )}
      {stale && (
        <Badge tone="warn" title="It could not be read again.">
          out of date
        </Badge>
      )}
    </span>
  )
}

export const columnsOf = (lines: ReadonlyMap<string, LinesTotal>): readonly Column<InvoiceRow>[] => [
  { key: 'period', header: 'Period', sortable: true, cell: ({ period }) => periodName(period) },
  { key: 'provider', header: 'Provider', cell: ({ provider }) => provider.name },
  {
    key: 'account',
    header: 'Account',
    cell: ({ account }) => (
      <>
        {account.name} <Simulated account={account} />
      </>
    ),
  },
  { key: 'number', header: 'Number', cell: ({ number }) => (number ? <span className="number">{number}</span> : <span className="unknown">none</span>) },
  { key: 'status', header: 'Status', cell: (invoice) => <Status invoice={invoice} /> },
  {
    key: 'payment',
    header: 'Payment',
    cell: (invoice) => (
      <>
        <PaymentBadge invoice={invoice} /> {invoice.dueAt && <small>due {day(invoice.dueAt)}</small>}
      </>
    ),
  },
  { key: 'total', header: 'Total', align: 'end', cell: ({ id, total }) => <Total total={total} lines={lines.get(id)} /> },
]
