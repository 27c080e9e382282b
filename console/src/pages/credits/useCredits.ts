import { useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { graphql } from '../../gql'
import type { CreditFilter, CreditsQuery as Found } from '../../gql/graphql'
import { useMore } from '../../graph/useMore'

const CreditsQuery = graphql(`
  query Credits($first: Int!, $after: String, $filterBy: CreditFilter, $asOf: DateTime!) {
    credits(first: $first, after: $after, filterBy: $filterBy) {
      edges {
        cursor
        node {
          id
          kind
          product
          description
          reference
          startsAt
          expiresAt
          state(asOf: $asOf)
          value {
            ...CreditAmount
          }
          used {
            ...CreditAmount
          }
          remaining {
            ...CreditAmount
          }
          account {
            id
            name
            sandbox
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

export type Credit = Found['credits']['edges'][number]['node']

/** The instant to which the states refer: the minute in which the page was opened. */
export function useNow(): string {
  const [now] = useState(() => `${new Date().toISOString().slice(0, 16)}:00Z`)
  return now
}

/** The credits that match a filter, newest invoice first, page by page. Without a filter nothing is read. */
export function useCredits(filterBy: CreditFilter | undefined, asOf: string, first: number) {
  const { data, previousData, error, loading, fetchMore, refetch } = useQuery(CreditsQuery, {
    variables: { first, filterBy, asOf },
    skip: !filterBy,
    notifyOnNetworkStatusChange: true,
  })
  const credits = filterBy ? (data ?? previousData)?.credits : undefined
  const pages = useMore(() => fetchMore({ variables: { after: credits?.pageInfo.endCursor }, errorPolicy: 'all' }))
  return {
    isChosen: Boolean(filterBy),
    credits: credits?.edges.map(({ node }) => node),
    coverage: credits?.coverage ?? [],
    hasMore: credits?.pageInfo.hasNextPage,
    pages,
    error,
    loading: loading && !pages.busy,
    again: () => void refetch(),
  }
}

export type CreditList = ReturnType<typeof useCredits>
