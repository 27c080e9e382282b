import { endOfMonth, parseDate } from '@internationalized/date'

const written = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(undefined, { timeZone: 'UTC', ...options })

const MONTH = written({ month: 'long', year: 'numeric' })
const MONTH_OF_YEAR = written({ month: 'short' })
const YEAR = written({ year: 'numeric' })
const SHORT_MONTH = written({ month: 'short', year: 'numeric' })
const DAY = written({ day: 'numeric', month: 'short', year: 'numeric' })
const INSTANT = written({ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' })

export const day = (instant: string) => DAY.format(new Date(instant))
export const moment = (instant: string) => `${INSTANT.format(new Date(instant))} UTC`
/** The name of a month given as YYYY-MM. */
export const monthName = (month: string) => MONTH.format(new Date(`${month}-01`))
/** The month without its year, and the year. */
export const monthOnly = (month: string) => MONTH_OF_YEAR.format(new Date(`${month}-01`))
export const yearOnly = (month: string) => YEAR.format(new Date(`${month}-01`))

/** From the first to the last day or month, such as "Nov 2025 – Nov 2026". */
export const dayRange = (from: string, to: string) => DAY.formatRange(new Date(from), new Date(to))
export const monthRange = (from: string, to: string) => SHORT_MONTH.formatRange(new Date(from), new Date(to))

/** The month, as YYYY-MM, of a day or an instant in UTC. */
export const monthOf = (instant: string) => instant.slice(0, 7)
/** The first day of a month given as YYYY-MM. */
export const firstOf = (month: string) => `${month}-01`

/** The last day of a month given as YYYY-MM. */
export const lastOf = (month: string) => endOfMonth(parseDate(firstOf(month))).toString()

/** The month that is this many months later, or earlier if negative. */
export const shifted = (month: string, by: number) => monthOf(parseDate(firstOf(month)).add({ months: by }).toString())

/** Whether a text is a day of the calendar, as YYYY-MM-DD. */
export function isDay(text: string): boolean {
  try {
    return parseDate(text).toString() === text
  } catch {
    return false // not in this form, or no such day, such as 31 February
  }
}

/** All months from the first to the last, as YYYY-MM. */
export function months(first: string, last: string): string[] {
  const found = []
  for (let month = first; month <= last; month = shifted(month, 1)) found.push(month)
  return found
}

/** "October 2026" for a whole month, otherwise the first and the last day. `end` is exclusive. */
export function periodName({ start, end }: { start: string; end: string }): string {
  const last = new Date(new Date(end).getTime() - 1).toISOString()
  const isMonth = start.slice(8, 10) === '01' && monthOf(start) === monthOf(last) && lastOf(monthOf(last)) === last.slice(0, 10)
  return isMonth ? monthName(monthOf(start)) : dayRange(start, last)
}
