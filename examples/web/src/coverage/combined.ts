import type { CoverageStatus } from '../gql/graphql'

/** What one answer says of one account. */
export interface Said {
  readonly status: CoverageStatus
  readonly code?: string | null
  readonly message?: string | null
  readonly asOf?: string | null
}

const WORSE: readonly CoverageStatus[] = ['COMPLETE', 'STALE', 'PARTIAL', 'MISSING']

/** What several pages together say of each account: the worst of it, and the oldest reading. */
export function combined<T extends Said>(earlier: readonly T[], later: readonly T[], idOf: (said: T) => string): T[] {
  const before = new Map(earlier.map((said) => [idOf(said), said]))
  return later.map((said) => {
    const known = before.get(idOf(said))
    return known ? both(known, said) : said
  })
}

function both<T extends Said>(one: T, other: T): T {
  const [better, worse] = WORSE.indexOf(one.status) < WORSE.indexOf(other.status) ? [one, other] : [other, one]
  // Missing on one page only: the list holds some of the account.
  const status = worse.status === 'MISSING' && better.status !== 'MISSING' ? 'PARTIAL' : worse.status
  return { ...worse, status, asOf: oldest(one.asOf, other.asOf) }
}

function oldest(...instants: (string | null | undefined)[]): string | null {
  const stated = instants.filter((instant): instant is string => typeof instant === 'string')
  return stated.toSorted()[0] ?? null
}
