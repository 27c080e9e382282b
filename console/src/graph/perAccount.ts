import type { ApolloClient, OperationVariables, TypedDocumentNode } from '@apollo/client'
import { useApolloClient } from '@apollo/client/react'
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react'

/** The state of one request, which is about some of the accounts. */
export interface Answer<Data, Variables = unknown> {
  readonly accounts: readonly string[]
  readonly variables: Variables
  readonly data: Data | undefined
  readonly error: Error | undefined
  readonly loading: boolean
}

const MOST = 12 // requests at once; with more accounts some of them share a request

/**
 * Sends a query once for each account, so that a slow provider delays its own account only. The filters of the variables
 * name the accounts. `outdated`: no account has answered for these variables, and the answers are those for the earlier ones.
 */
export function usePerAccount<Data, Variables extends OperationVariables>(
  document: TypedDocumentNode<Data, Variables>,
  ids: readonly string[],
  variablesFor: (accounts: string[]) => Variables,
) {
  const client = useApolloClient()
  const key = JSON.stringify([ids, variablesFor([])])
  const requests = useMemo(() => watch(client, document, ids, variablesFor), [client, document, key])
  const answers = useSyncExternalStore(requests.subscribe, requests.read)
  const earlier = useRef(answers)
  const hasData = answers.some(({ data }) => data)
  useEffect(() => {
    if (hasData) earlier.current = answers
  }, [answers, hasData])
  const outdated = !hasData && answers.some(({ loading }) => loading) && earlier.current.some(({ data }) => data)
  return { answers: outdated ? earlier.current : answers, outdated, again: requests.again }
}

function watch<Data, Variables extends OperationVariables>(
  client: ApolloClient,
  document: TypedDocumentNode<Data, Variables>,
  ids: readonly string[],
  variablesFor: (accounts: string[]) => Variables,
) {
  const groups = groupsOf(ids)
  const queries = groups.map((accounts) => client.watchQuery<Data, Variables>({ query: document, variables: variablesFor(accounts) } as never))
  const answerOf = (place: number): Answer<Data, Variables> => {
    const { data, error, loading } = queries[place]!.getCurrentResult()
    return { accounts: groups[place]!, variables: variablesFor(groups[place]!), data: data as Data | undefined, error, loading }
  }
  let answers: readonly Answer<Data, Variables>[] = queries.map((_, place) => answerOf(place))
  return {
    read: () => answers,
    subscribe: (tell: () => void) => {
      const running = queries.map((query, place) =>
        query.subscribe(() => {
          answers = answers.with(place, answerOf(place))
          tell()
        }),
      )
      return () => running.forEach((one) => one.unsubscribe())
    },
    again: () => queries.forEach((query) => void query.refetch().catch(() => undefined)), // the failure is in its answer
  }
}

/** At most `MOST` groups of about the same size. */
function groupsOf(ids: readonly string[]): string[][] {
  const groups = Array.from({ length: Math.min(MOST, ids.length) }, (): string[] => [])
  ids.forEach((id, place) => groups[place % MOST]!.push(id))
  return groups
}
