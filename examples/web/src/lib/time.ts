const written = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options })

const MONTH = written({ month: 'long', year: 'numeric' })
const SHORT_MONTH = written({ month: 'short', year: '2-digit' })
const DAY = written({ day: 'numeric', month: 'short', year: 'numeric' })
const INSTANT = written({ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' })

export const day = (instant: string) => DAY.format(new Date(instant))
export const moment = (instant: string) => `${INSTANT.format(new Date(instant))} UTC`
/** The name of a month given as YYYY-MM. */
export const monthName = (month: string) => MONTH.format(new Date(`${month}-01`))
export const shortMonth = (month: string) => SHORT_MONTH.format(new Date(`${month}-01`))

/** "October 2026" for a whole month, otherwise the first and the last day. `end` is exclusive. */
export function periodName({ start, end }: { start: string; end: string }): string {
  const last = new Date(new Date(end).getTime() - 1)
  const next = new Date(last.getTime() + 1)
  const first = new Date(start)
  const isMonth = first.getUTCDate() === 1 && next.getUTCDate() === 1 && monthsBetween(first, next) === 1
  return isMonth ? MONTH.format(first) : `${DAY.format(first)} to ${DAY.format(last)}`
}

const monthsBetween = (from: Date, to: Date) =>
  (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth()

/** All months from the first to the last, as YYYY-MM. */
export function months(first: string, last: string): string[] {
  const found = []
  for (let at = new Date(`${first}-01`); at <= new Date(`${last}-01`); at.setUTCMonth(at.getUTCMonth() + 1))
    found.push(at.toISOString().slice(0, 7))
  return found
}
