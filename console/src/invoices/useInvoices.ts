import { NetworkStatus } from '@apollo/client'
import { useQuery } from '@apollo/client/react'
import { useRef, useState } from 'react'
import { graphql } from '../gql'
import type { InvoiceFilter } from '../gql/graphql'

const InvoicesQuery = graphql(`
  query Invoices($after: String, $filterBy: InvoiceFilter) {
    invoices(first: 50, after: $after, filterBy: $filterBy) {
      edges {
        cursor
        node {
          id
          ...InvoiceRow
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

/** The invoices of all accounts: all loaded pages as one list. */
export function useInvoices(filterBy: InvoiceFilter) {
  const { data, previousData, error, networkStatus, fetchMore, refetch } = useQuery(InvoicesQuery, {
    variables: { filterBy },
  })
  const [pageError, setPageError] = useState<Error>()
  const asking = useRef(false)
  const shown = (data ?? previousData)?.invoices

  async function more() {
    if (asking.current || !data?.invoices.pageInfo.hasNextPage) return
    asking.current = true
    setPageError(undefined)
    try {
      const page = await fetchMore({ variables: { after: data.invoices.pageInfo.endCursor }, errorPolicy: 'all' })
      setPageError(page.error)
    } catch (failure) {
      setPageError(failure as Error)
    } finally {
      asking.current = false
    }
  }

  return {
    list: shown,
    error,
    pageError,
    isOutdated: !data && Boolean(previousData), // the list still shows the result for the previous filter
    isReading: networkStatus === NetworkStatus.loading || networkStatus === NetworkStatus.setVariables,
    isReadingMore: networkStatus === NetworkStatus.fetchMore,
    more,
    again: () => refetch(),
  }
}

export type InvoiceList = ReturnType<typeof useInvoices>
