import Big from 'big.js'
import { readCoverage, type Coverage } from '../../graph/coverage'
import { combinedRows, type SpendRow } from '../../graph/spend'
import { type Money, sums } from '../../lib/money'
import { monthName, monthOf, shifted } from '../../lib/time'
import type { Overview, Part } from './useOverview'

/** What an account charged in a month and in the month before; the difference, or the reason why there is none. */
export interface Change {
  readonly id: string
  readonly name: string
  readonly before: readonly Money[]
  readonly after: readonly Money[]
  readonly difference: Money | undefined
  readonly share: string | undefined // the difference as a part of the amount before
  readonly reason: string | undefined
  readonly isRead: boolean // false: the amounts are not known, or only in part
}

/** The changes of all accounts from the month before to `month`. */
export function changesOf({ parts, accounts, awaited, failed, month }: Overview): Change[] {
  const rows = comparedRows(parts)
  const coverage = new Map(parts.flatMap(({ compared }) => readCoverage(compared.coverage)).map((entry) => [entry.account.id, entry]))
  const isIn = (some: Overview['accounts'], id: string) => some.some((account) => account.id === id)
  return accounts.flatMap(({ id, name }) => {
    const months = [shifted(month, -1), month].map((one) => rows.filter((row) => row.account?.id === id && monthOf(row.month!) === one))
    const [before, after] = months.map((those) => sums(those.map(({ billed }) => billed))) as [Money[], Money[]]
    const unread = isIn(awaited, id) ? 'Still being read.' : isIn(failed, id) ? 'Could not be read.' : lackOf(coverage.get(id))
    const reason = unread ?? obstacle(months as [SpendRow[], SpendRow[]], before, after, month)
    if (reason === NOTHING && coverage.get(id)?.status === 'COMPLETE') return [] // neither month has an invoice
    return [{ id, name, before, after, reason, isRead: !unread, ...(reason ? NO_DIFFERENCE : differenceOf(before[0]!, after[0]!)) }]
  })
}

export const comparedRows = (parts: readonly Part[]) =>
  combinedRows(parts.map(({ compared }) => compared.rows), ['MONTH', 'ACCOUNT'])

const NO_DIFFERENCE = { difference: undefined, share: undefined }
const NOTHING = 'There is no invoice for either month.'

/** The difference of two amounts in one currency. */
export function differenceOf(before: Money, after: Money) {
  const difference = new Big(after.amount).minus(before.amount)
  const base = new Big(before.amount)
  const share = base.gt('0') ? difference.div(base).round(6).toFixed() : undefined
  return { difference: { currency: after.currency, amount: difference.toFixed() }, share }
}

/** Why an account cannot be compared, by its coverage. */
function lackOf(entry: Coverage | undefined): string | undefined {
  if (!entry?.code || entry.code === 'UNLISTED' || entry.status === 'STALE') return undefined
  return entry.status === 'MISSING' ? `Could not be read: ${entry.code}.` : `Was read in part only: ${entry.code}.`
}

/** Why two months cannot be compared, by their rows. */
function obstacle(months: readonly [SpendRow[], SpendRow[]], before: readonly Money[], after: readonly Money[], month: string): string | undefined {
  const names = [monthName(shifted(month, -1)), monthName(month)] as const
  if (months.every((rows) => rows.length === 0)) return NOTHING
  const empty = months.findIndex((rows) => rows.length === 0)
  if (empty >= 0) return `There is no invoice for ${names[empty]}.`
  const unpriced = months.map((rows) => rows.reduce((count, row) => count + row.unpriced, 0))
  const places = [0, 1].filter((place) => unpriced[place])
  if (places.length > 0) return `${places.map((place) => amounts(unpriced[place]!, names[place]!)).join(', ')}.`
  if (before.length === 0 || after.length === 0) return 'An invoice states no amount.'
  const codes = [before, after].map((money) => money.map(({ currency }) => currency).join(' and '))
  if (codes[0] !== codes[1] || before.length > 1) return `Billed in ${codes[0]} in ${names[0]}, in ${codes[1]} in ${names[1]}.`
  return undefined
}

const amounts = (count: number, month: string) => `${count} ${count === 1 ? 'amount is' : 'amounts are'} not stated in ${month}`

/** The change of all accounts together in each currency; or the accounts that prevent a comparison. */
export function totalChange(changes: readonly Change[]) {
  const obstacles = changes.filter(({ reason }) => reason)
  const compared = changes.map(({ before, after }) => [before[0], after[0]] as const)
  const before = sums(compared.map(([one]) => one))
  const after = sums(compared.map(([, one]) => one))
  return { obstacles, totals: obstacles.length ? [] : before.map((money, place) => differenceOf(money, after[place]!)) }
}
