import { useQuery } from '@apollo/client/react'
import { graphql } from '../../gql'
import type { ProjectsQuery as Found } from '../../gql/graphql'
import { failures } from '../../graph/failures'
import { hrefOf } from '../../lib/address'
import { CoverageNotes, EmptyList } from '../../ui/CoverageNotes'
import { Page } from '../../ui/Page'
import { Problem } from '../../ui/Problem'
import { Section } from '../../ui/Section'
import { Skeleton } from '../../ui/Skeleton'
import { Table, type Column } from '../../ui/Table'

const ProjectsQuery = graphql(`
  query Projects($after: String) {
    projects(first: 50, after: $after) {
      edges {
        cursor
        node {
          id
          name
          account {
            id
            name
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

type Row = Found['projects']['edges'][number]['node']

const COLUMNS: readonly Column<Row>[] = [
  { key: 'name', header: 'Project', cell: ({ name }) => name ?? <span className="unknown">not named</span> },
  { key: 'account', header: 'Account', cell: ({ account }) => account.name },
]

export default function ProjectsPage() {
  const { data, error, loading, fetchMore, refetch } = useQuery(ProjectsQuery)
  const retry = () => void refetch()
  const projects = data?.projects
  const rows = projects?.edges.map(({ node }) => node) ?? []
  return (
    <Page title="Projects">
      {error && !loading && <Problem title="The projects could not be loaded." causes={failures(error)} retry={retry} />}
      {projects && <CoverageNotes coverage={projects.coverage} retry={retry} />}
      {!projects && loading && <Skeleton lines={6} what="the projects" />}
      {projects && rows.length === 0 && <EmptyList coverage={projects.coverage} what="projects" retry={retry} />}
      {rows.length > 0 && (
        <Section title="All projects" busy={loading}>
          <Table caption="Projects" columns={COLUMNS} rows={rows} rowKey={({ id }) => id} rowHref={({ id }) => hrefOf('project', { id })} />
          {projects?.pageInfo.hasNextPage && (
            <button type="button" onClick={() => void fetchMore({ variables: { after: projects.pageInfo.endCursor } })}>
              Show more
            </button>
          )}
        </Section>
      )}
    </Page>
  )
}
