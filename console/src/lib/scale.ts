import Big from 'big.js'

/** About `count` round amounts from the lowest to the highest bar, including zero. */
export function ticks(totals: readonly Big[], count: number): Big[] {
  const zero = new Big('0')
  const lowest = totals.reduce((low, total) => (total.lt(low) ? total : low), zero)
  const highest = totals.reduce((high, total) => (total.gt(high) ? total : high), zero)
  const step = roundStep(highest.minus(lowest).div(String(count)))
  const found = [step.times(lowest.div(step).round(0, Big.roundDown))]
  if (found[0]!.gt(lowest)) found.unshift(found[0]!.minus(step))
  while (found.at(-1)!.lt(highest)) found.push(found.at(-1)!.plus(step))
  return found
}

/** The smallest of 1, 2, 5, 10, 20, … that is at least `least`. */
function roundStep(least: Big): Big {
  if (!least.gt('0')) return new Big('1')
  const ten = new Big(`1e${least.e}`)
  return ['1', '2', '5'].map((digit) => ten.times(digit)).find((step) => step.gte(least)) ?? ten.times('10')
}

/** The position of an amount between the lowest and the highest tick, for pixels: the only place that uses a float. */
export function place(amount: Big, [low, high]: readonly [Big, Big]): number {
  return Number(amount.minus(low).div(high.minus(low)).toFixed(6))
}
