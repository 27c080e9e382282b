import { graphql, unmask, type FragmentType } from '../../gql'
import type { CreditState, InvoiceCreditFragment } from '../../gql/graphql'
import { counted } from '../../lib/money'
import { day } from '../../lib/time'
import { Sum } from '../../ui/Amount'
import { Badge, type Tone } from '../../ui/Badge'
import { Problem } from '../../ui/Problem'
import { Section } from '../../ui/Section'
import { Skeleton } from '../../ui/Skeleton'
import { Table, type Column } from '../../ui/Table'
import type { Contents } from './useContents'

const CreditFragment = graphql(`
  fragment InvoiceCredit on Credit {
    id
    kind
    product
    description
    reference
    expiresAt
    state
    value {
      ...InvoiceCreditValue
    }
    used {
      ...InvoiceCreditValue
    }
    remaining {
      ...InvoiceCreditValue
    }
  }
`)

// Money or a quantity. Never add the two.
const ValueFragment = graphql(`
  fragment InvoiceCreditValue on CreditValue {
    ... on Money {
      amount
      currency
    }
    ... on Quantity {
      amount
      unit
    }
  }
`)

/** The credits that the invoice shows. */
export function Credits({ contents }: { contents: Contents }) {
  const { invoice, loading, causesOf, again } = contents
  const credits = invoice?.credits
  const causes = causesOf('credits')
  const rows = unmask(CreditFragment, credits ?? [])
  return (
    <Section title="Credits" busy={loading}>
      {loading && <Skeleton lines={2} what="the credits" />}
      {causes.length > 0 && <Problem title="The credits could not be loaded." causes={causes} retry={again} />}
      {!loading && causes.length === 0 && !credits && <p className="unknown">The provider states nothing about credits here.</p>}
      {credits?.length === 0 && <p className="unknown">The invoice shows no credits.</p>}
      {rows.length > 0 && <Table caption="Credits" columns={COLUMNS} rows={rows} rowKey={({ id }) => id} />}
    </Section>
  )
}

const KINDS = { FREE: 'Free use', SLA: 'Service level', COUPON: 'Coupon', REBATE: 'Rebate' }

const STATES: Readonly<Record<CreditState, readonly [string, Tone]>> = {
  NOT_STARTED: ['not started', 'info'],
  EXPIRED: ['expired', 'quiet'],
  EXHAUSTED: ['used up', 'quiet'],
  ACTIVE: ['active', 'good'],
}

const COLUMNS: readonly Column<InvoiceCreditFragment>[] = [
  {
    key: 'kind',
    header: 'Credit',
    cell: ({ kind, description, reference, product, state }) => (
      <>
        {KINDS[kind]} {state && <Badge tone={STATES[state][1]}>{STATES[state][0]}</Badge>}
        <small className="below">{[description ?? reference, product && `for ${product}`].filter(Boolean).join(' · ')}</small>
      </>
    ),
  },
  { key: 'value', header: 'Value', align: 'end', cell: ({ value }) => <Value value={value} /> },
  { key: 'used', header: 'Used', align: 'end', cell: ({ used }) => <Value value={used} /> },
  { key: 'remaining', header: 'Left', align: 'end', cell: ({ remaining }) => <Value value={remaining} /> },
  { key: 'until', header: 'Until', cell: ({ expiresAt }) => (expiresAt ? <span className="amount">{day(expiresAt)}</span> : <span className="unknown">not stated</span>) },
]

function Value(props: { value: FragmentType<typeof ValueFragment> | null | undefined }) {
  const value = unmask(ValueFragment, props.value)
  if (!value) return <span className="unknown">not stated</span>
  return 'currency' in value ? <Sum money={value} /> : <span className="amount">{counted(value)}</span>
}
