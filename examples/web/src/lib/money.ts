import Big from 'big.js'

Big.strict = true // throws for a number instead of a string, so no amount comes from a float

/** An amount with its original digits, grouped by thousands: "-1234567.50" is "−1,234,567.50". */
export function grouped(amount: string): { whole: string; fraction: string } {
  const [whole = '', fraction] = amount.replace('-', '\u2212').split('.')
  return { whole: whole.replace(/\B(?=(\d{3})+$)/g, ','), fraction: fraction === undefined ? '' : `.${fraction}` }
}

export function written(amount: string, unit?: string | null): string {
  const { whole, fraction } = grouped(amount)
  return [unit, whole + fraction].filter(Boolean).join(' ')
}

/** The exact sum, or undefined for an empty list, which is not zero. */
export function sum(amounts: readonly string[]): Big | undefined {
  const [first, ...rest] = amounts
  return first === undefined ? undefined : rest.reduce((total, amount) => total.plus(amount), new Big(first))
}
