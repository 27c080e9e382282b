import { readCoverage, type MaskedCoverage } from '../../graph/coverage'

const RANK = ['COMPLETE', 'STALE', 'PARTIAL', 'MISSING']

/** One entry for each account: the worst one of several lists. */
export function worst(lists: readonly MaskedCoverage[]): MaskedCoverage {
  const entries = lists.flat()
  const read = readCoverage(entries)
  const byAccount = Map.groupBy(entries.keys(), (place) => read[place]!.account.id)
  const rank = (place: number) => (read[place]!.code === 'UNLISTED' ? 0 : RANK.indexOf(read[place]!.status))
  return [...byAccount.values()].map((places) => entries[places.toSorted((one, other) => rank(other) - rank(one))[0]!]!)
}
