import Big from 'big.js'
import { nice, ticks as round } from 'd3-array'

/** About `count` round amounts from the lowest to the highest bar, including zero. */
export function ticks(totals: readonly Big[], count: number): Big[] {
  const all = [0, ...totals.map(approximate)]
  const [low, high] = [Math.min(...all), Math.max(...all)]
  return round(...nice(low, high > low ? high : low + 1, count), count).map((tick) => new Big(String(tick)))
}

/** The position of an amount between the lowest and the highest tick, for pixels. */
export const place = (amount: Big, [low, high]: readonly [Big, Big]) => approximate(amount.minus(low).div(high.minus(low)))

/** A float: enough for the scale and for pixels, which are its only uses. */
const approximate = (amount: Big) => Number(amount.toFixed())
