import type { Credit } from './useCredits'

/** A credit ends soon if it ends within this number of days. */
export const SOON = 90

const DAY = 86_400_000 // milliseconds

/** The number of days until an instant; the last one may be a part of a day. */
export const daysLeft = (until: string, now: string) => Math.ceil((Date.parse(until) - Date.parse(now)) / DAY)

/** The credit that ends first comes first. Those without a stated end follow, in the order of the graph. */
export const firstEndFirst = (credits: readonly Credit[]): Credit[] =>
  credits.toSorted((one, other) => (one.expiresAt ?? 'none').localeCompare(other.expiresAt ?? 'none'))

/** The usable credits that end soon. */
export const endingSoon = (credits: readonly Credit[], now: string): Credit[] =>
  firstEndFirst(credits).filter(({ state, expiresAt }) => state === 'ACTIVE' && expiresAt && daysLeft(expiresAt, now) <= SOON)
