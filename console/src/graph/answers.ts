import { ApolloLink, makeVar } from '@apollo/client'
import { tap } from 'rxjs'
import type { Said } from './combined'

type AccountSaid = Said & { readonly account: string }

/** The latest coverage entry of each account, by the account's id, whatever the query selects. */
export const lastSaid = makeVar<ReadonlyMap<string, AccountSaid>>(new Map())

/** Reads `extensions.coverage` of every response. Apollo Client gives extensions to links only. */
export const hearCoverage = new ApolloLink((operation, forward) =>
  forward(operation).pipe(
    tap(({ extensions }) => {
      const said = extensions?.['coverage'] as AccountSaid[] | undefined
      if (said) lastSaid(new Map([...lastSaid(), ...said.map((entry) => [entry.account, entry] as const)]))
    }),
  ),
)
