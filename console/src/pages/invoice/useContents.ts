import { useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { graphql } from '../../gql'
import { type Failure, failures } from '../../graph/failures'

const ContentsQuery = graphql(`
  query InvoiceContents($id: ID!) {
    invoice(id: $id) {
      id
      linesTotal {
        sum {
          ...Amount
        }
        lines
        unpriced
      }
      lineItems(first: 100) {
        edges {
          cursor
          node {
            id
            ...InvoiceLine
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
      credits {
        id
        ...InvoiceCredit
      }
      reconciliation {
        verdict
        checks {
          ...InvoiceCheck
        }
      }
    }
  }
`)

const MoreLinesQuery = graphql(`
  query MoreInvoiceLines($id: ID!, $after: String) {
    invoice(id: $id) {
      id
      lineItems(first: 100, after: $after) {
        edges {
          cursor
          node {
            id
            ...InvoiceLine
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`)

/** What depends on the line items: one request, because for Archera each request for them may cost a call. */
export function useContents(id: string) {
  // Null with an error means "could not be loaded", null alone "not stated". The cache stores no errors, so it is not used.
  const { data, error, loading, fetchMore, refetch } = useQuery(ContentsQuery, { variables: { id }, fetchPolicy: 'network-only' })
  const [pageError, setPageError] = useState<Error>()
  const invoice = data?.invoice
  const more = () => {
    setPageError(undefined)
    const variables = { id, after: invoice?.lineItems?.pageInfo.endCursor ?? null }
    // Do not merge a page with an error: it would remove the loaded lines.
    fetchMore({ query: MoreLinesQuery, variables, errorPolicy: 'none' }).catch(setPageError)
  }
  return {
    invoice,
    loading: loading && !invoice,
    isReadingMore: loading && Boolean(invoice),
    causesOf: (field: string): Failure[] => (loading ? [] : failures(error, field)),
    pageCauses: failures(pageError, 'lineItems'),
    more,
    again: () => void refetch(),
  }
}

export type Contents = ReturnType<typeof useContents>
