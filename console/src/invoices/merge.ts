import type { InvoiceOrder, InvoicesQuery } from '../gql/graphql'

export type Edge = InvoicesQuery['invoices']['edges'][number]

/** One account's invoices as far as they are loaded, in the order of the graph. */
export interface Part {
  readonly account: string
  readonly edges: readonly Edge[]
  readonly hasNextPage: boolean
}

export interface Merged {
  readonly edges: readonly Edge[]
  readonly waitsFor: readonly string[] // accounts whose next page comes before any further row
  readonly isWhole: boolean
}

/**
 * The first rows of all accounts as one list, in the order of the graph. A row is there only if no page that is not loaded
 * yet can have a row before it. So further pages follow at the end of the list.
 */
export function merge(parts: readonly Part[], orderBy: InvoiceOrder, limit: number): Merged {
  const compare = orderBy === 'OLDEST_FIRST' ? byStart : (one: Edge, other: Edge) => byStart(other, one)
  const all = parts.flatMap(({ edges }) => edges).toSorted(compare)
  const open = parts.filter(({ hasNextPage, edges }) => hasNextPage && edges.length > 0)
  const ends = new Map(open.map(({ account, edges }) => [account, all.indexOf(edges.at(-1)!)]))
  const known = Math.min(all.length, ...[...ends.values()].map((end) => end + 1))
  return {
    edges: all.slice(0, Math.min(known, limit)),
    waitsFor: known < limit ? [...ends].filter(([, end]) => end < limit).map(([account]) => account) : [],
    isWhole: open.length === 0 && all.length <= limit,
  }
}

/** As the graph compares: by the start of the period, then by id. */
function byStart({ node: one }: Edge, { node: other }: Edge): number {
  const byTime = Date.parse(one.period.start) - Date.parse(other.period.start)
  if (byTime !== 0) return byTime
  return one.id < other.id ? -1 : 1
}
