import { useQuery } from '@apollo/client/react'
import { graphql } from '../../gql'
import type { ProjectQuery as Found } from '../../gql/graphql'
import { useMore } from '../../graph/useMore'
import { periodFilter, type Period } from '../../lib/period'

const ProjectQuery = graphql(`
  query Project($id: ID!, $after: String, $filterBy: InvoiceFilter) {
    project(id: $id) {
      id
      name
      account {
        id
        name
        sandbox
        provider {
          id
          name
        }
      }
      charges(first: 50, after: $after, filterBy: $filterBy) {
        edges {
          cursor
          node {
            name
            cost {
              ...Amount
            }
            usage {
              product
              cost {
                ...Amount
              }
              used {
                amount
                unit
              }
            }
            invoice {
              id
              number
              period {
                start
                end
              }
              ...Payment
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
  }
`)

// The sums are in a query of their own: a further page of shares does not read them again.
const ProjectSpendQuery = graphql(`
  query ProjectSpend($filterBy: InvoiceFilter) {
    spend(groupBy: [MONTH, PRODUCT], filterBy: $filterBy) {
      rows {
        month
        product
        billed {
          amount
          currency
        }
        unpriced
      }
      totals {
        billed {
          amount
          currency
        }
        lines
        unpriced
      }
    }
  }
`)

type Project = NonNullable<Found['project']>
export type Charge = NonNullable<Project['charges']>['edges'][number]['node']

/** A project and its shares of the invoices of a period, newest first. */
export function useProject(id: string, period: Period) {
  const { data, previousData, error, loading, fetchMore, refetch } = useQuery(ProjectQuery, {
    variables: { id, filterBy: periodFilter(period) },
    notifyOnNetworkStatusChange: true,
  })
  const project = (data ?? previousData)?.project
  const charges = project?.charges
  const pages = useMore(() => fetchMore({ variables: { after: charges?.pageInfo.endCursor }, errorPolicy: 'all' }))
  return {
    project,
    rows: charges?.edges.map(({ node }) => node),
    coverage: charges?.coverage ?? [],
    hasMore: charges?.pageInfo.hasNextPage,
    pages,
    error,
    loading: loading && !pages.busy,
    again: () => void refetch(),
  }
}

/** The sums of the shares of a project, by the graph: by month and product, and in all. */
export function useProjectSpend(id: string, period: Period) {
  const { data, previousData, error, loading, refetch } = useQuery(ProjectSpendQuery, {
    variables: { filterBy: { ...periodFilter(period), projects: [id] } },
  })
  return { spend: (data ?? previousData)?.spend, error, loading, again: () => void refetch() }
}

export type ProjectSpend = NonNullable<ReturnType<typeof useProjectSpend>['spend']>
