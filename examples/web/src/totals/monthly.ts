import type Big from 'big.js'
import { sum } from '../lib/money'
import { months } from '../lib/time'
import type { Stated } from './useTotals'

export interface Month {
  readonly month: string // YYYY-MM
  readonly stated: number // how many invoices state a total in this currency
  readonly total: Big | undefined // undefined: no invoice states one, which is not zero
}

export interface Series {
  readonly currency: string
  readonly total: Big
  readonly months: readonly Month[] // every month of the chart, the same for each currency
}

/** One series per currency, the most used first: amounts in different currencies are never added. A period counts in its start month. */
export function monthly(invoices: readonly Stated[]): Series[] {
  const all = invoices.map(({ period }) => monthOf(period.start)).toSorted()
  const span = all.length ? months(all[0]!, all.at(-1)!) : []
  const amounts = Map.groupBy(
    invoices.flatMap(({ period, total }) => (total ? [{ ...total, month: monthOf(period.start) }] : [])),
    ({ currency }) => currency,
  )
  return [...amounts]
    .toSorted(([, one], [, other]) => other.length - one.length)
    .map(([currency, stated]) => series(currency, stated, span))
}

/** The number of invoices without a stated total, by month. */
export function unstated(invoices: readonly Stated[]): Map<string, number> {
  const found = Map.groupBy(invoices.filter(({ total }) => !total), ({ period }) => monthOf(period.start))
  return new Map([...found].map(([month, those]) => [month, those.length]))
}

function series(currency: string, stated: { month: string; amount: string }[], span: string[]): Series {
  const byMonth = Map.groupBy(stated, ({ month }) => month)
  const digits = (month: string) => byMonth.get(month)?.map(({ amount }) => amount) ?? []
  return {
    currency,
    total: sum(stated.map(({ amount }) => amount))!,
    months: span.map((month) => ({ month, stated: digits(month).length, total: sum(digits(month)) })),
  }
}

const monthOf = (instant: string) => instant.slice(0, 7)
