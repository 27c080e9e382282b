import Big from 'big.js'

Big.strict = true // throws for a number instead of a string, so no amount comes from a float

export interface Money {
  readonly amount: string
  readonly currency: string
}

const formats = new Map<number, Intl.NumberFormat>()

function format(digits: number): Intl.NumberFormat {
  const known = formats.get(digits) ?? new Intl.NumberFormat(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits })
  formats.set(digits, known)
  return known
}

const minorUnits = new Map<string, number>()

/** How many digits amounts of a currency usually have. 0 for a code that the browser rejects. */
function minorUnit(currency: string): number {
  const known = minorUnits.get(currency) ?? readMinorUnit(currency)
  minorUnits.set(currency, known)
  return known
}

function readMinorUnit(currency: string): number {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 0
  } catch {
    return 0
  }
}

/** The parts of an amount in the reader's locale. No digit is lost; zeros fill it up to the minor unit of the currency. */
export function parts(amount: string, currency?: string | null): { whole: string; fraction: string } {
  const stated = amount.split('.')[1]?.length ?? 0
  const found = format(Math.max(stated, currency ? minorUnit(currency) : 0)).formatToParts(amount as Intl.StringNumericLiteral)
  const end = found.findIndex(({ type }) => type === 'decimal')
  const text = (some: Intl.NumberFormatPart[]) => some.map(({ value }) => value).join('')
  return end < 0 ? { whole: text(found), fraction: '' } : { whole: text(found.slice(0, end)), fraction: text(found.slice(end)) }
}

/** An amount as text, such as "USD 12.50". */
export function written({ amount, currency }: Money): string {
  const { whole, fraction } = parts(amount, currency)
  return `${currency} ${whole}${fraction}`
}

/** An exact number of units as text, such as "25,000 core-hours". */
export function counted({ amount, unit }: { amount: string; unit?: string | null }): string {
  const { whole, fraction } = parts(amount)
  return [whole + fraction, unit].filter(Boolean).join(' ')
}

/** The exact sum, or undefined for an empty list, which is not zero. */
export function sum(amounts: readonly string[]): Big | undefined {
  const [first, ...rest] = amounts
  return first === undefined ? undefined : rest.reduce((total, amount) => total.plus(amount), new Big(first))
}

/** One exact sum for each currency, sorted by code: amounts in different currencies are never added. */
export function sums(money: readonly (Money | null | undefined)[]): Money[] {
  const stated = money.filter((one): one is Money => Boolean(one))
  return [...Map.groupBy(stated, ({ currency }) => currency)]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([currency, those]) => ({ currency, amount: sum(those.map(({ amount }) => amount))!.toFixed() }))
}
