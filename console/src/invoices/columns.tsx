import { graphql, unmask, type FragmentType } from '../gql'
import type { InvoiceRowFragment as Row } from '../gql/graphql'
import { hrefOf } from '../lib/address'
import { periodName } from '../lib/time'
import { Amount } from '../ui/Amount'
import { Badge } from '../ui/Badge'
import { PaymentBadge } from '../ui/PaymentBadge'
import { Simulated } from '../ui/Simulated'
import type { Column } from '../ui/Table'

const InvoiceRowFragment = graphql(`
  fragment InvoiceRow on Invoice {
    id
    number
    status
    stale
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
      ...Amount
    }
    ...Payment
  }
`)

export type InvoiceRow = Row

interface Edges {
  readonly edges: readonly { readonly node: FragmentType<typeof InvoiceRowFragment> }[]
}

export const useRows = (list: Edges | undefined): readonly InvoiceRow[] =>
  unmask(InvoiceRowFragment, list?.edges.map(({ node }) => node) ?? [])

export const hrefOfRow = ({ id }: InvoiceRow) => hrefOf('invoice', { id })

export const COLUMNS: readonly Column<InvoiceRow>[] = [
  { key: 'period', header: 'Period', cell: ({ period }) => periodName(period) },
  { key: 'provider', header: 'Provider', cell: ({ provider }) => provider.name },
  {
    key: 'account',
    header: 'Account',
    cell: ({ account, stale }) => (
      <>
        {account.name} <Simulated account={account} /> {stale && <Badge tone="warn">out of date</Badge>}
      </>
    ),
  },
  { key: 'number', header: 'Number', cell: ({ number }) => number ?? <span className="unknown">no number</span> },
  { key: 'payment', header: 'Payment', cell: (invoice) => <PaymentBadge invoice={invoice} /> },
  { key: 'total', header: 'Total', align: 'end', cell: ({ total }) => <Amount money={total} /> },
]
