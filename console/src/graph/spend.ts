import { graphql, unmask, type FragmentType } from '../gql'
import type { SpendKey, SpendLineFragment } from '../gql/graphql'
import { type Money, sums } from '../lib/money'

const SpendLine = graphql(`
  fragment SpendLine on SpendRow {
    month
    provider {
      id
      name
    }
    account {
      id
      name
    }
    project {
      id
      name
      account {
        id
        name
      }
    }
    product
    productGroup
    region
    category
    unattributed
    because
    currency
    billed {
      amount
      currency
    }
    charges {
      amount
      currency
    }
    credits {
      amount
      currency
    }
    adjustments {
      amount
      currency
    }
    taxes {
      amount
      currency
    }
    invoices
    lines
    unpriced
  }
`)

export type SpendRow = SpendLineFragment
export type MaskedSpendRows = readonly FragmentType<typeof SpendLine>[]

const AMOUNTS = ['billed', 'charges', 'credits', 'adjustments', 'taxes'] as const
const COUNTS = ['invoices', 'lines', 'unpriced'] as const

const VALUES: Readonly<Record<SpendKey, (row: SpendRow) => string | null | undefined>> = {
  MONTH: ({ month }) => month,
  PROVIDER: ({ provider }) => provider?.id,
  ACCOUNT: ({ account }) => account?.id,
  PROJECT: ({ project }) => project?.id,
  PRODUCT: ({ product }) => product,
  PRODUCT_GROUP: ({ productGroup }) => productGroup,
  REGION: ({ region }) => region,
  CATEGORY: ({ category }) => category,
}

/** What identifies the value of a key in a row. Undefined: it has none. */
export const valueOf = (row: SpendRow, key: SpendKey): string | undefined => VALUES[key](row) ?? undefined

/**
 * The rows of several answers as the graph gives them for all accounts together: one for each combination of keys in each
 * currency, in the graph's order. Every account is in one answer only, so all numbers add up.
 */
export function combinedRows(masked: readonly MaskedSpendRows[], keys: readonly SpendKey[]): SpendRow[] {
  const rows = masked.flatMap((some) => unmask(SpendLine, some))
  const idsOf = (row: SpendRow) => [...keys.map((key) => valueOf(row, key)), row.currency, row.because]
  return [...Map.groupBy(rows, (row) => JSON.stringify(idsOf(row).map((id) => id ?? null))).values()]
    .map((those) => those.reduce(added))
    .toSorted((one, other) => compared(idsOf(one), idsOf(other)))
}

function added(one: SpendRow, other: SpendRow): SpendRow {
  return {
    ...one,
    ...Object.fromEntries(AMOUNTS.map((name) => [name, plus(one[name], other[name])])),
    ...Object.fromEntries(COUNTS.map((name) => [name, one[name] + other[name]])),
  }
}

/** The sum of two amounts in one currency. Null only if neither is known. */
const plus = (one: Money | null | undefined, other: Money | null | undefined) => sums([one, other])[0] ?? null

/** By the first id that differs; one that is absent comes last. */
function compared(ids: readonly (string | null | undefined)[], others: readonly (string | null | undefined)[]): number {
  const place = ids.findIndex((id, index) => (id ?? null) !== (others[index] ?? null))
  const [id, other] = [ids[place], others[place]]
  if (id == null || other == null) return (id == null ? 1 : 0) - (other == null ? 1 : 0)
  return id < other ? -1 : 1
}
