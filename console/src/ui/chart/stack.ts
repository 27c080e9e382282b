import Big from 'big.js'
import { sum } from '../../lib/money'
import type { ChartSeries } from './MonthChart'

export interface Part {
  readonly series: number // its place among the series
  readonly amount: Big
  readonly from: Big // where its bar starts and ends on the scale
  readonly to: Big
}

export interface Stack {
  readonly month: string
  readonly parts: readonly Part[]
  readonly total: Big | undefined // undefined: no amount is known, which is not zero
}

/** The bars of each month: positive amounts upwards from zero, negative ones downwards. */
export const stacked = (months: readonly string[], series: readonly ChartSeries[]): Stack[] => months.map((month) => stackOf(month, series))

function stackOf(month: string, series: readonly ChartSeries[]): Stack {
  let high = new Big('0')
  let low = new Big('0')
  const parts = series.flatMap(({ amounts }, index): Part[] => {
    const text = amounts.get(month)
    if (text === undefined) return []
    const amount = new Big(text)
    const from = amount.lt('0') ? low : high
    const to = from.plus(amount)
    if (amount.lt('0')) low = to
    else high = to
    return [{ series: index, amount, from, to }]
  })
  return { month, parts, total: sum(parts.map(({ amount }) => amount.toFixed())) }
}
