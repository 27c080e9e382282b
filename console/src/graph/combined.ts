import type { CoverageStatus } from '../gql/graphql'

/** The coverage of one account in one response. */
export interface Said {
  readonly status: CoverageStatus
  readonly code?: string | null
  readonly message?: string | null
  readonly asOf?: string | null
}

const WORSE: readonly CoverageStatus[] = ['COMPLETE', 'STALE', 'PARTIAL', 'MISSING']

/** The coverage of each account over several pages: the worst status and the oldest time. */
export function combined<T extends Said>(earlier: readonly T[], later: readonly T[], idOf: (said: T) => string): T[] {
  const before = new Map(earlier.map((said) => [idOf(said), said]))
  return later.map((said) => {
    const known = before.get(idOf(said))
    return known ? both(known, said) : said
  })
}

function both<T extends Said>(one: T, other: T): T {
  const [better, worse] = WORSE.indexOf(one.status) < WORSE.indexOf(other.status) ? [one, other] : [other, one]
  // Missing on one page only: the list has some data of the account.
  const status = worse.status === 'MISSING' && better.status !== 'MISSING' ? 'PARTIAL' : worse.status
  return { ...worse, status, asOf: oldest(one.asOf, other.asOf) }
}

function oldest(...instants: (string | null | undefined)[]): string | null {
  const stated = instants.filter((instant): instant is string => typeof instant === 'string')
  return stated.toSorted()[0] ?? null
}
