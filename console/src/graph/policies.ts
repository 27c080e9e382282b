import type { FieldMergeFunction, FieldPolicy, Reference, TypePolicies } from '@apollo/client'
import { relayStylePagination } from '@apollo/client/utilities'
import { combined, type Said } from './combined'

type CachedCoverage = Said & { account: Reference }

/** Merges all pages of a list into one cache entry, for any cursor. */
function pages(...keyArgs: string[]): FieldPolicy {
  const { merge, ...relay } = relayStylePagination(keyArgs)
  const joined = merge as FieldMergeFunction
  return {
    ...relay,
    merge(existing, incoming, options) {
      if (incoming === null) return null // the library would turn it into an empty list, which means something else
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
      credits: pages('filterBy'),
      projects: pages('accounts', 'search'),
      discrepancies: pages('filterBy', 'minSeverity'),
      // An invoice from a list is already in the cache.
      invoice: (known, { args, toReference }) => known ?? toReference({ __typename: 'Invoice', id: args?.id }),
    },
  },
  Account: {
    fields: {
      health: { merge: true }, // it has no id, and operations select different fields of it
      invoices: pages('filterBy', 'orderBy'),
      projects: pages(),
    },
  },
  Invoice: {
    fields: {
      details: { merge: true },
      linesTotal: { merge: true },
      reconciliation: { merge: true },
      lineItems: pages('filterBy'),
    },
  },
  Project: { fields: { charges: pages('filterBy') } },
}
