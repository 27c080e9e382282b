import { ApolloLink, makeVar } from '@apollo/client'
import { tap } from 'rxjs'
import type { Said } from '../coverage/combined'

type AccountSaid = Said & { readonly account: string }

/** How each account's provider answered last, by the account's id, whatever was selected. */
export const lastSaid = makeVar<ReadonlyMap<string, AccountSaid>>(new Map())

/** Reads `extensions.coverage` of every answer, which Apollo Client hands to nobody else. */
export const hearCoverage = new ApolloLink((operation, forward) =>
  forward(operation).pipe(
    tap(({ extensions }) => {
      const said = extensions?.['coverage'] as AccountSaid[] | undefined
      if (said) lastSaid(new Map([...lastSaid(), ...said.map((entry) => [entry.account, entry] as const)]))
    }),
  ),
)
