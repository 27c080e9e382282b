import { useQuery } from '@apollo/client/react'
import { graphql } from '../gql'

export const AccountsQuery = graphql(`
  query Accounts {
    accounts {
      id
      name
      sandbox
      provider {
        id
        name
      }
      health {
        status
        lastSuccessAt
        lastFailureAt
        code
      }
    }
  }
`)

const EVERY_MINUTE = 60_000

/** The accounts that the caller may see, and their health. No provider is called for them. */
export function useAccounts() {
  const { data, error, loading, refetch } = useQuery(AccountsQuery, {
    pollInterval: EVERY_MINUTE,
    skipPollAttempt: () => document.hidden,
  })
  return { accounts: data?.accounts ?? [], error, loading, again: () => void refetch() }
}

export type KnownAccount = ReturnType<typeof useAccounts>['accounts'][number]

/** The ids of the providers of accounts, in an order that does not depend on what was read: for colours. */
export const providersOf = (accounts: readonly KnownAccount[]): string[] => [...new Set(accounts.map(({ provider }) => provider.id))].toSorted()
