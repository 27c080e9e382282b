import type { ChargeCategory, SpendKey, Unattributed } from '../../gql/graphql'
import { type SpendRow, valueOf } from '../../graph/spend'
import { monthName, monthOf } from '../../lib/time'
import type { Option } from '../../ui/Select'

export const KEYS: Readonly<Record<SpendKey, string>> = {
  MONTH: 'Month',
  PROVIDER: 'Provider',
  ACCOUNT: 'Account',
  PROJECT: 'Project',
  PRODUCT: 'Product',
  PRODUCT_GROUP: 'Product group',
  REGION: 'Region',
  CATEGORY: 'Category',
}

const BESIDE_PROJECTS: readonly SpendKey[] = ['MONTH', 'PROVIDER', 'ACCOUNT', 'PRODUCT'] // the other keys of the view of projects

const CATEGORIES: Readonly<Record<ChargeCategory, string>> = {
  USAGE: 'Usage',
  PURCHASE: 'Purchase',
  TAX: 'Tax',
  CREDIT: 'Credit',
  ADJUSTMENT: 'Adjustment',
}

const ABSENT: Readonly<Record<Unattributed, string>> = {
  NOT_STATED: 'not stated',
  NOT_SPLIT: 'not split by project',
  RESIDUAL: 'rest of the line items',
}

export interface Grouping {
  readonly by: SpendKey
  readonly then: SpendKey | undefined
}

const keyIn = (params: URLSearchParams, name: string) => {
  const text = params.get(name)
  return text && Object.hasOwn(KEYS, text) ? (text as SpendKey) : undefined
}

/** The keys in the address: by product and provider if it names none. A second key that does not fit the first is left out. */
export function groupingIn(params: URLSearchParams): Grouping {
  const by = keyIn(params, 'by') ?? 'PRODUCT'
  const then = params.has('by') || params.has('then') ? keyIn(params, 'then') : 'PROVIDER'
  return { by, then: then && fits(by, then) ? then : undefined }
}

export const keysOf = ({ by, then }: Grouping): SpendKey[] => (then ? [by, then] : [by])

/** Whether the graph has a view with both keys. */
export function fits(by: SpendKey, then: SpendKey): boolean {
  if (by === then) return false
  if (by === 'PROJECT') return BESIDE_PROJECTS.includes(then)
  return then !== 'PROJECT' || BESIDE_PROJECTS.includes(by)
}

export const FIRST = Object.entries(KEYS) as unknown as readonly Option[]
export const secondFor = (by: SpendKey) => FIRST.filter(([key]) => fits(by, key as SpendKey))

/** The value of a key in words. Undefined: it has none. */
export function nameIn(row: SpendRow, key: SpendKey): string | undefined {
  switch (key) {
    case 'MONTH':
      return monthName(monthOf(row.month!))
    case 'PROVIDER':
      return row.provider?.name
    case 'ACCOUNT':
      return row.account?.name
    case 'PROJECT':
      return row.project ? (row.project.name ?? row.project.id) : undefined
    case 'CATEGORY':
      return row.category ? CATEGORIES[row.category] : undefined
    default:
      return valueOf(row, key)
  }
}

/** Why a key has no value. The graph gives the reason of the project, or else of another key. */
export function absenceOf(row: SpendRow, key: SpendKey): string {
  const isReason = key === 'PROJECT' || !row.unattributed.includes('PROJECT')
  return ABSENT[(isReason && row.because) || 'NOT_STATED']
}
