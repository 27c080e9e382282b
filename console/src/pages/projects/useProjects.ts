import { useQuery } from '@apollo/client/react'
import Big from 'big.js'
import { useMemo } from 'react'
import { graphql } from '../../gql'
import type { ProjectsQuery as Found } from '../../gql/graphql'
import { useMore } from '../../graph/useMore'
import { useParams } from '../../lib/address'
import { type Money, sums } from '../../lib/money'
import { periodFilter, usePeriod } from '../../lib/period'
import { monthOf } from '../../lib/time'

// One query has the names and the costs. Only accounts whose invoices name projects are called for it. `spend` would
// add the same costs, but needs the ids of the projects first, or else reads every account.
const ProjectsQuery = graphql(`
  query Projects($after: String, $accounts: [ID!], $search: String, $filterBy: InvoiceFilter) {
    projects(first: 50, after: $after, accounts: $accounts, search: $search) {
      edges {
        cursor
        node {
          id
          name
          account {
            id
            name
            sandbox
          }
          charges(first: 200, filterBy: $filterBy) {
            edges {
              cursor
              node {
                cost {
                  amount
                  currency
                }
                invoice {
                  id
                  period {
                    start
                  }
                }
              }
            }
            pageInfo {
              hasNextPage
            }
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

type Node = Found['projects']['edges'][number]['node']

interface Charge {
  readonly month: string // YYYY-MM
  readonly cost: Money | null | undefined
}

/** A project with its shares of the invoices of the period, newest first. */
export interface ProjectRow {
  readonly id: string
  readonly name: string | null | undefined
  readonly account: Node['account']
  readonly charges: readonly Charge[] | undefined // undefined: they could not be read
  readonly total: readonly Money[] // one for each currency
  readonly isCut: boolean // older shares are not loaded
}

export function useProjects() {
  const params = useParams()
  const period = usePeriod()
  const variables = useMemo(
    () => ({
      filterBy: periodFilter(period),
      search: params.get('search'),
      accounts: params.has('accounts') ? params.getAll('accounts') : null,
    }),
    [params, period],
  )
  const { data, previousData, error, loading, fetchMore, refetch } = useQuery(ProjectsQuery, { variables, notifyOnNetworkStatusChange: true })
  const projects = (data ?? previousData)?.projects
  const pages = useMore(() => fetchMore({ variables: { after: projects?.pageInfo.endCursor }, errorPolicy: 'all' }))
  const rows = useMemo(() => projects?.edges.map(({ node }) => rowOf(node)).toSorted(byCost), [projects])
  return {
    rows,
    coverage: projects?.coverage ?? [],
    hasMore: projects?.pageInfo.hasNextPage,
    pages,
    error,
    loading: loading && !pages.busy,
    again: () => void refetch(),
  }
}

function rowOf({ id, name, account, charges }: Node): ProjectRow {
  const found = charges?.edges.map(({ node: { cost, invoice } }): Charge => ({ cost, month: monthOf(invoice.period.start) }))
  return { id, name, account, charges: found, total: sums(found?.map(({ cost }) => cost) ?? []), isCut: Boolean(charges?.pageInfo.hasNextPage) }
}

/** The most expensive first, within the first currency that both have; then by name. */
function byCost(one: ProjectRow, other: ProjectRow): number {
  const shared = one.total.find(({ currency }) => amountIn(other, currency))
  const order = shared ? new Big(amountIn(other, shared.currency)!).cmp(shared.amount) : other.total.length - one.total.length
  return order || (one.name ?? '').localeCompare(other.name ?? '')
}

const amountIn = ({ total }: ProjectRow, currency: string) => total.find((money) => money.currency === currency)?.amount
