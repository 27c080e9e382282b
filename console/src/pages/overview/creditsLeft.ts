import { unmask, graphql } from '../../gql'
import { sum } from '../../lib/money'
import type { Part } from './useOverview'

export const RemainingFragment = graphql(`
  fragment Left on CreditValue {
    ... on Money {
      amount
      currency
    }
    ... on Quantity {
      amount
      unit
    }
  }
`)

/** What is left of all active credits for one product, in one unit or currency. */
export interface Left {
  readonly key: string
  readonly product: string
  readonly currency: string | undefined // undefined: a quantity of units
  readonly unit: string | undefined
  readonly credits: number
  readonly amount: string
  readonly expiring: string | undefined // the part that expires until `until`
  readonly first: string | undefined // when the first of these expires
}

/** The active credits by product and unit, as of the newest invoices. `until`: the end of the time in which one is expiring. */
export function creditsLeft(parts: readonly Part[], until: string) {
  const nodes = parts.flatMap(({ credits }) => credits.edges.map(({ node }) => node))
  const stated = nodes.flatMap(({ remaining, ...credit }) => {
    const value = unmask(RemainingFragment, remaining)
    if (!value) return []
    const [currency, unit] = 'currency' in value ? [value.currency, undefined] : [undefined, value.unit ?? undefined]
    return [{ ...credit, amount: value.amount, currency, unit, product: credit.product ?? 'Any product' }]
  })
  const groups = Map.groupBy(stated, ({ product, currency, unit }) => JSON.stringify([product, currency ?? null, unit ?? null]))
  const rows = [...groups].map(([key, those]): Left => {
    const expiring = those.filter(({ expiresAt }) => expiresAt && expiresAt <= until)
    const { product, currency, unit } = those[0]!
    return {
      key,
      product,
      currency,
      unit,
      credits: those.length,
      amount: sum(those.map(({ amount }) => amount))!.toFixed(),
      expiring: sum(expiring.map(({ amount }) => amount))?.toFixed(),
      first: expiring.flatMap(({ expiresAt }) => expiresAt ?? []).toSorted()[0],
    }
  })
  const more = parts.reduce((count, { credits }) => count + ((credits.totalCount ?? credits.edges.length) - credits.edges.length), 0)
  return { rows: rows.toSorted((one, other) => (one.key < other.key ? -1 : 1)), unstated: nodes.length - stated.length, more }
}
