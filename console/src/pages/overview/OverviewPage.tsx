import { useQuery } from '@apollo/client/react'
import { graphql } from '../../gql'
import { failures } from '../../graph/failures'
import { periodFilter, periodText, usePeriod } from '../../lib/period'
import { Sums } from '../../ui/Amount'
import { CoverageNotes, EmptyList } from '../../ui/CoverageNotes'
import { Page } from '../../ui/Page'
import { Problem } from '../../ui/Problem'
import { Section } from '../../ui/Section'
import { Skeleton } from '../../ui/Skeleton'
import { Stat, Stats } from '../../ui/Stat'
import { SpendCharts } from './SpendCharts'

const OverviewQuery = graphql(`
  query Overview($filterBy: InvoiceFilter) {
    spend(groupBy: [MONTH, PROVIDER], filterBy: $filterBy) {
      rows {
        ...SpendChart
      }
      totals {
        billed {
          amount
          currency
        }
        unpriced
      }
      coverage {
        ...Coverage
      }
    }
  }
`)

export default function OverviewPage() {
  const period = usePeriod()
  const { data, error, loading, refetch } = useQuery(OverviewQuery, { variables: { filterBy: periodFilter(period) } })
  const retry = () => void refetch()
  const spend = data?.spend
  const unpriced = spend?.totals.reduce((count, total) => count + total.unpriced, 0)
  return (
    <Page title="Overview">
      {error && !loading && <Problem title="The spend could not be loaded." causes={failures(error)} retry={retry} />}
      {spend && <CoverageNotes coverage={spend.coverage} retry={retry} />}
      {!spend && loading && <Skeleton lines={6} what="the spend" />}
      {spend?.rows.length === 0 && <EmptyList coverage={spend.coverage} what="invoices" retry={retry} />}
      {spend && spend.rows.length > 0 && (
        <>
          <Stats>
            <Stat label="Billed" note={`${periodText(period)}${unpriced ? `; ${unpriced} amounts are not stated` : ''}`}>
              <Sums money={spend.totals.flatMap(({ billed }) => billed ?? [])} />
            </Stat>
          </Stats>
          <Section title="Spend by month" busy={loading}>
            <SpendCharts rows={spend.rows} />
          </Section>
        </>
      )}
    </Page>
  )
}
