import { useApolloClient } from '@apollo/client/react'
import { useEffect, useState } from 'react'
import type { ApolloClient } from '@apollo/client'
import { combined } from '../coverage/combined'
import { graphql } from '../gql'
import type { InvoiceFilter, TotalsQuery, TotalsQueryVariables } from '../gql/graphql'

const Totals = graphql(`
  query Totals($after: String, $filterBy: InvoiceFilter) {
    invoices(first: 200, after: $after, filterBy: $filterBy) {
      nodes {
        id
        period {
          start
        }
        total {
          amount
          currency
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
      coverage {
        account {
          id
          name
        }
        status
        code
      }
    }
  }
`)

type Connection = TotalsQuery['invoices']
export type Stated = Connection['nodes'][number]

export interface TotalsSoFar {
  readonly invoices: readonly Stated[]
  readonly coverage: Connection['coverage']
  readonly isWhole: boolean
  readonly error?: Error
}

const NOTHING: TotalsSoFar = { invoices: [], coverage: [], isWhole: false }

/** The totals of all matching invoices, read over all pages. */
export function useTotals(filterBy: InvoiceFilter): TotalsSoFar & { again: () => void } {
  const client = useApolloClient()
  const [found, setFound] = useState(NOTHING)
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    const leaving = new AbortController()
    const show = (totals: TotalsSoFar) => leaving.signal.aborted || setFound(totals)
    setFound(NOTHING)
    void readAll(client, filterBy, leaving.signal, show)
    return () => leaving.abort()
  }, [client, filterBy, attempt])
  return { ...found, again: () => setAttempt(attempt + 1) }
}

/** Reads page after page, and shows the intermediate totals after each. */
async function readAll(
  client: ApolloClient,
  filterBy: InvoiceFilter,
  signal: AbortSignal,
  show: (totals: TotalsSoFar) => void,
): Promise<void> {
  let totals = NOTHING
  let after: string | null = null
  while (!totals.isWhole && !signal.aborted) {
    const { data, error } = await readPage(client, { after, filterBy }, signal)
    if (!data) return show({ ...totals, ...(error && { error }) })
    const { nodes, coverage, pageInfo } = data.invoices
    totals = {
      invoices: [...totals.invoices, ...nodes],
      coverage: combined(totals.coverage, coverage, ({ account }) => account.id),
      isWhole: !pageInfo.hasNextPage,
    }
    show(totals)
    after = pageInfo.endCursor ?? null
  }
}

const readPage = (client: ApolloClient, variables: TotalsQueryVariables, signal: AbortSignal) =>
  client.query({
    query: Totals,
    variables,
    fetchPolicy: 'no-cache', // the cache would mix these pages with the list's, because both use the same field
    context: { fetchOptions: { signal }, queryDeduplication: false },
  })
