import { useQuery } from '@apollo/client/react'
import { graphql, unmask } from '../../gql'
import type { CreditsQuery as Found } from '../../gql/graphql'
import { failures } from '../../graph/failures'
import { hrefOf } from '../../lib/address'
import { counted, written } from '../../lib/money'
import { day } from '../../lib/time'
import { CoverageNotes, EmptyList } from '../../ui/CoverageNotes'
import { Page } from '../../ui/Page'
import { Problem } from '../../ui/Problem'
import { Section } from '../../ui/Section'
import { Skeleton } from '../../ui/Skeleton'
import { Table, type Column } from '../../ui/Table'

const RemainingFragment = graphql(`
  fragment Remaining on CreditValue {
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

const CreditsQuery = graphql(`
  query Credits($after: String) {
    credits(first: 50, after: $after) {
      edges {
        cursor
        node {
          id
          kind
          product
          description
          expiresAt
          remaining {
            ...Remaining
          }
          account {
            id
            name
          }
          invoice {
            id
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
      coverage {
        ...Coverage
      }
    }
  }
`)

type Row = Found['credits']['edges'][number]['node']

const KINDS = { FREE: 'Free use', SLA: 'Service level', COUPON: 'Coupon', REBATE: 'Rebate' }
const NOT_STATED = <span className="unknown">not stated</span>

const COLUMNS: readonly Column<Row>[] = [
  { key: 'credit', header: 'Credit', cell: ({ kind, product, description }) => [KINDS[kind], description ?? product].filter(Boolean).join(': ') },
  { key: 'account', header: 'Account', cell: ({ account }) => account.name },
  { key: 'until', header: 'Until', cell: ({ expiresAt }) => (expiresAt ? day(expiresAt) : NOT_STATED) },
  { key: 'left', header: 'Left', align: 'end', cell: ({ remaining }) => <Left remaining={remaining} /> },
]

function Left({ remaining }: Pick<Row, 'remaining'>) {
  const value = unmask(RemainingFragment, remaining)
  if (!value) return NOT_STATED
  return <span className="amount">{'currency' in value ? written(value) : counted(value)}</span>
}

export default function CreditsPage() {
  const { data, error, loading, fetchMore, refetch } = useQuery(CreditsQuery)
  const retry = () => void refetch()
  const credits = data?.credits
  const rows = credits?.edges.map(({ node }) => node) ?? []
  return (
    <Page title="Credits">
      {error && !loading && <Problem title="The credits could not be loaded." causes={failures(error)} retry={retry} />}
      {credits && <CoverageNotes coverage={credits.coverage} retry={retry} />}
      {!credits && loading && <Skeleton lines={6} what="the credits" />}
      {credits && rows.length === 0 && <EmptyList coverage={credits.coverage} what="credits" retry={retry} />}
      {rows.length > 0 && (
        <Section title="As the newest invoices show them" busy={loading}>
          <Table caption="Credits" columns={COLUMNS} rows={rows} rowKey={({ id }) => id} rowHref={({ invoice }) => hrefOf('invoice', { id: invoice.id })} />
          {credits?.pageInfo.hasNextPage && (
            <button type="button" onClick={() => void fetchMore({ variables: { after: credits.pageInfo.endCursor } })}>
              Show more
            </button>
          )}
        </Section>
      )}
    </Page>
  )
}
