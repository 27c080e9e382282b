import { useQuery } from '@apollo/client/react'
import { graphql } from '../../gql'
import type { SpendByProviderQuery } from '../../gql/graphql'
import { failures } from '../../graph/failures'
import { periodFilter, periodText, usePeriod } from '../../lib/period'
import { Amount } from '../../ui/Amount'
import { CoverageNotes, EmptyList } from '../../ui/CoverageNotes'
import { Page } from '../../ui/Page'
import { Problem } from '../../ui/Problem'
import { Section } from '../../ui/Section'
import { Skeleton } from '../../ui/Skeleton'
import { Table, type Column } from '../../ui/Table'

const SpendQuery = graphql(`
  query SpendByProvider($filterBy: InvoiceFilter) {
    spend(groupBy: [PROVIDER], filterBy: $filterBy) {
      rows {
        provider {
          id
          name
        }
        currency
        billed {
          ...Amount
        }
        invoices
        unpriced
      }
      coverage {
        ...Coverage
      }
    }
  }
`)

type Row = SpendByProviderQuery['spend']['rows'][number]

const COLUMNS: readonly Column<Row>[] = [
  { key: 'provider', header: 'Provider', cell: ({ provider }) => provider?.name },
  { key: 'currency', header: 'Currency', cell: ({ currency }) => currency ?? <span className="unknown">not stated</span> },
  { key: 'invoices', header: 'Invoices', align: 'end', cell: ({ invoices }) => invoices },
  { key: 'unpriced', header: 'Amounts not stated', align: 'end', cell: ({ unpriced }) => unpriced },
  { key: 'billed', header: 'Billed', align: 'end', cell: ({ billed }) => <Amount money={billed} /> },
]

export default function SpendPage() {
  const period = usePeriod()
  const { data, error, loading, refetch } = useQuery(SpendQuery, { variables: { filterBy: periodFilter(period) } })
  const retry = () => void refetch()
  const spend = data?.spend
  return (
    <Page title="Spend">
      {error && !loading && <Problem title="The spend could not be loaded." causes={failures(error)} retry={retry} />}
      {spend && <CoverageNotes coverage={spend.coverage} retry={retry} />}
      {!spend && loading && <Skeleton lines={6} what="the spend" />}
      {spend?.rows.length === 0 && <EmptyList coverage={spend.coverage} what="invoices" retry={retry} />}
      {spend && spend.rows.length > 0 && (
        <Section title="By provider" note={periodText(period)} busy={loading}>
          <Table caption="Spend by provider" columns={COLUMNS} rows={spend.rows} rowKey={(row) => `${row.provider?.id} ${row.currency}`} />
        </Section>
      )}
    </Page>
  )
}
