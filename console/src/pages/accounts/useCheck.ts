import { useQuery } from '@apollo/client/react'
import { useEffect } from 'react'
import { graphql } from '../../gql'

const CheckQuery = graphql(`
  query AccountCheck($id: ID!) {
    account(id: $id) {
      id
      reference
      invoices(first: 1) {
        edges {
          cursor
          node {
            id
            period {
              start
              end
            }
          }
        }
        totalCount
        coverage {
          ...Coverage
        }
      }
    }
  }
`)

/** Reads the newest invoice of one account, from the cache of the service or from the provider. `onRead` is called after each answer. */
export function useCheck(id: string, onRead: () => void) {
  const { data, error, loading, refetch } = useQuery(CheckQuery, { variables: { id }, fetchPolicy: 'network-only', notifyOnNetworkStatusChange: true })
  useEffect(() => {
    if (!loading) onRead()
  }, [loading])
  return { account: data?.account, error, loading, again: () => void refetch() }
}

export type Check = ReturnType<typeof useCheck>
