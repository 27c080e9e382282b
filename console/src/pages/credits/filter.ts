import { useMemo } from 'react'
import type { CreditFilter, CreditKind, CreditState } from '../../gql/graphql'
import { choose, useParams } from '../../lib/address'

export const KINDS: Readonly<Record<CreditKind, string>> = {
  FREE: 'Free use',
  SLA: 'Service level',
  COUPON: 'Coupon',
  REBATE: 'Rebate',
}

export const STATES: Readonly<Record<CreditState, string>> = {
  ACTIVE: 'Can be used',
  NOT_STARTED: 'Not started',
  EXPIRED: 'Expired',
  EXHAUSTED: 'Used up',
}

/** The choice of credits without a state, which the filter of the graph cannot name. */
export const NO_STATE = 'NOT_STATED'

const NAMES = ['kinds', 'states', 'accounts'] as const

export const isFiltered = (params: URLSearchParams) => NAMES.some((name) => params.has(name))

export const clearFilters = () => choose(Object.fromEntries(NAMES.map((name) => [name, []])))

export interface Chosen {
  readonly filter: CreditFilter // of kinds and accounts
  readonly states: ReadonlySet<string> // those that are shown
}

/** What the address chooses. Words that it does not know are left out. */
export function useChosen(): Chosen {
  const params = useParams()
  return useMemo(() => {
    const kinds = params.getAll('kinds').filter((word): word is CreditKind => Object.hasOwn(KINDS, word))
    const accounts = params.getAll('accounts')
    const all = [...Object.keys(STATES), NO_STATE]
    const states = params.getAll('states').filter((word) => all.includes(word))
    return {
      filter: { ...(kinds.length > 0 && { kinds }), ...(accounts.length > 0 && { accounts }) },
      states: new Set(states.length > 0 ? states : all),
    }
  }, [params])
}
