import { CombinedGraphQLErrors } from '@apollo/client'
import { useApolloClient } from '@apollo/client/react'
import { useEffect, useRef, useState } from 'react'
import type { LinesTotalsQuery as Data, LinesTotalsQueryVariables as Variables } from '../gql/graphql'
import { LinesTotalsQuery } from './queries'
import { PAGE } from './reader'
import type { InvoiceList } from './useInvoices'

export type LinesTotal = Data['invoices']['edges'][number]['node']['linesTotal'] | 'failed'

/** The sums of the lines of those shown invoices that state no total, by id. Read after the rows, for each page that has one. */
export function useLinesTotals({ edges, readings, filterBy, orderBy, isOutdated }: InvoiceList): ReadonlyMap<string, LinesTotal> {
  const client = useApolloClient()
  const [found, setFound] = useState<ReadonlyMap<string, LinesTotal>>(new Map())
  const asked = useRef(new Set<string>())
  const pages = isOutdated ? [] : pagesWithout(edges, readings).map((page): Variables => ({ ...page, orderBy, filterBy: { ...filterBy, accounts: [page.account] } }))
  const keys = pages.map((page) => JSON.stringify(page))

  useEffect(() => {
    for (const [index, key] of keys.entries()) {
      if (asked.current.has(key)) continue
      asked.current.add(key)
      // Not from the cache, and not into it: the cache has no errors, and its list has more pages than this one.
      client.query({ query: LinesTotalsQuery, variables: pages[index]!, fetchPolicy: 'no-cache' }).then(
        ({ data, error }) => setFound((before) => new Map([...before, ...totalsIn(data, error)])),
        () => asked.current.delete(key),
      )
    }
  }, [keys.join()])
  return found
}

/** The pages of accounts that contain a shown invoice without a total. */
function pagesWithout(edges: InvoiceList['edges'], readings: InvoiceList['readings']) {
  const without = new Set(edges.filter(({ node }) => !node.total).map(({ node }) => node.id))
  return readings.flatMap(({ account, list }) => {
    const own = list?.edges ?? []
    const starts = own.flatMap(({ node }, place) => (without.has(node.id) ? [place - (place % PAGE)] : []))
    return [...new Set(starts)].map((start) => ({ account, first: PAGE, ...(start > 0 && { after: own[start - 1]!.cursor }) }))
  })
}

function totalsIn(data: Data | undefined, error: Error | undefined): [string, LinesTotal][] {
  const paths = CombinedGraphQLErrors.is(error) ? error.errors.map(({ path }) => path?.[2]) : []
  return (data?.invoices.edges ?? []).map(({ node }, place) => [node.id, paths.includes(place) ? 'failed' : node.linesTotal])
}
