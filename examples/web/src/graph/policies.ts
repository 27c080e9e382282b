import type { FieldMergeFunction, FieldPolicy, Reference, TypePolicies } from '@apollo/client'
import { relayStylePagination } from '@apollo/client/utilities'
import { combined, type Said } from '../coverage/combined'

type CachedCoverage = Said & { account: Reference }

/** Pages of one list, kept in the cache as one whatever their cursors. */
function pages(...keyArgs: string[]): FieldPolicy {
  const { merge, ...relay } = relayStylePagination(keyArgs)
  const joined = merge as FieldMergeFunction
  return {
    ...relay,
    merge(existing, incoming, options) {
      if (incoming === null) return null // left to the library it would become an empty list, which is another answer
      const { args, readField } = options
      const coverage: CachedCoverage[] | undefined = incoming.coverage
      const earlier: CachedCoverage[] | undefined = args?.after ? existing?.coverage : undefined
      const idOf = (said: CachedCoverage) => readField<string>('id', said.account) ?? ''
      return {
        ...joined(existing, incoming, options),
        ...(coverage && { coverage: combined(earlier ?? [], coverage, idOf) }),
      }
    },
  }
}

export const typePolicies: TypePolicies = {
  Query: {
    fields: {
      invoices: pages('filterBy', 'orderBy'),
      // An invoice that a list has shown is in the cache already.
      invoice: (known, { args, toReference }) => known ?? toReference({ __typename: 'Invoice', id: args?.id }),
    },
  },
  Invoice: {
    fields: {
      details: { merge: true }, // it has no id, and two operations select different parts of it
      lineItems: pages('filterBy'),
    },
  },
}
