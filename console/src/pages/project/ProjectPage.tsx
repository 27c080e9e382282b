import { useQuery } from '@apollo/client/react'
import { graphql } from '../../gql'
import type { ProjectQuery as Found } from '../../gql/graphql'
import { failures } from '../../graph/failures'
import { hrefOf, useParams } from '../../lib/address'
import { periodFilter, periodText, usePeriod } from '../../lib/period'
import { periodName } from '../../lib/time'
import { Amount } from '../../ui/Amount'
import { EmptyState } from '../../ui/Notice'
import { Link } from '../../ui/Link'
import { Page } from '../../ui/Page'
import { Problem } from '../../ui/Problem'
import { Section } from '../../ui/Section'
import { Skeleton } from '../../ui/Skeleton'
import { Table, type Column } from '../../ui/Table'

const ProjectQuery = graphql(`
  query Project($id: ID!, $filterBy: InvoiceFilter) {
    project(id: $id) {
      id
      name
      account {
        id
        name
      }
      charges(first: 50, filterBy: $filterBy) {
        edges {
          cursor
          node {
            cost {
              ...Amount
            }
            invoice {
              id
              period {
                start
                end
              }
            }
          }
        }
      }
    }
  }
`)

type Row = NonNullable<NonNullable<Found['project']>['charges']>['edges'][number]['node']

const COLUMNS: readonly Column<Row>[] = [
  { key: 'period', header: 'Invoice', cell: ({ invoice }) => periodName(invoice.period) },
  { key: 'cost', header: 'Cost', align: 'end', cell: ({ cost }) => <Amount money={cost} /> },
]

export default function ProjectPage() {
  const id = useParams().get('id') ?? ''
  const period = usePeriod()
  const { data, error, loading, refetch } = useQuery(ProjectQuery, { variables: { id, filterBy: periodFilter(period) } })
  const project = data?.project
  const rows = project?.charges?.edges.map(({ node }) => node) ?? []
  return (
    <Page title={project?.name ?? 'Project'} lead={project?.account.name}>
      {error && !loading && <Problem title="The project could not be loaded." causes={failures(error)} retry={() => void refetch()} />}
      {!project && loading && <Skeleton lines={6} what="the project" />}
      {!project && !loading && !error && (
        <EmptyState title="This project does not exist, or no invoice names it." action={<Link href="projects">All projects</Link>} />
      )}
      {project?.charges && rows.length === 0 && <EmptyState title="No invoice of this period charges the project." />}
      {rows.length > 0 && (
        <Section title="Cost by invoice" note={periodText(period)} busy={loading}>
          <Table caption="Cost by invoice" columns={COLUMNS} rows={rows} rowKey={({ invoice }) => invoice.id} rowHref={({ invoice }) => hrefOf('invoice', { id: invoice.id })} />
        </Section>
      )}
    </Page>
  )
}
