import { useApolloClient } from '@apollo/client/react'
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import type { InvoiceFilter } from '../gql/graphql'
import { useAccounts } from '../graph/accounts'
import { readCoverage } from '../graph/coverage'
import { useOrder } from './filter'
import { type Edge, merge } from './merge'
import { InvoiceTotalsQuery } from './queries'
import { Reader, type Reading } from './reader'
import { useHeldBack } from './useHeldBack'

const STEP = 50 // rows that are added at once

const limits = new Map<string, number>() // rows that were shown of each list, for the way back

/** The invoices of all accounts as one list, which grows as each account answers. */
export function useInvoices(filterBy: InvoiceFilter) {
  const client = useApolloClient()
  const orderBy = useOrder()
  const known = useAccounts()
  const accounts = useMemo(() => known.accounts.filter((one) => isAsked(one, filterBy)), [known.accounts, filterBy])
  const key = JSON.stringify([accounts.map(({ id }) => id), filterBy, orderBy])
  const reader = useMemo(() => new Reader(client, accounts.map(({ id }) => id), filterBy, orderBy), [client, key])
  const readings = useSyncExternalStore(reader.subscribe, reader.snapshot)

  const [shown, setShown] = useState({ key, limit: limits.get(key) ?? STEP })
  const limit = shown.key === key ? shown.limit : (limits.get(key) ?? STEP)
  const frame = useRef<HTMLDivElement>(null)
  const { ready, held, pointer, show } = useHeldBack(key, readings, frame)
  const parts = ready.map(({ account, list }) => ({ account, edges: list!.edges, hasNextPage: list!.pageInfo.hasNextPage }))
  const merged = useMemo(() => merge(parts, orderBy, limit), [readings, ready.length, orderBy, limit])

  const isReading = known.loading || readings.some((one) => one.isReading)
  const failing = new Set(readings.filter(({ pageError }) => pageError).map(({ account }) => account))
  // At first the rows of the accounts that are not there yet may be enough.
  const isEnough = ready.length < readings.length && limit === STEP
  const wanted = isEnough ? [] : merged.waitsFor.filter((account) => !failing.has(account))
  useEffect(() => reader.more(wanted), [reader, wanted.join()])

  const nameOf = new Map(accounts.map(({ id, name }) => [id, name]))
  const namesOf = (some: readonly Reading[]) => some.map(({ account }) => nameOf.get(account) ?? account)
  const last = useLast(merged.edges)
  const isOutdated = isReading && merged.edges.length === 0 && last !== undefined
  return {
    frame,
    pointer,
    filterBy,
    orderBy,
    readings,
    edges: isOutdated ? last : merged.edges,
    isWhole: merged.isWhole && held.length === 0,
    isOutdated, // the rows are still those of the previous filter
    coverage: readings.flatMap(({ list }) => list?.coverage ?? []),
    hasAccounts: known.accounts.length > 0,
    accountsError: known.loading ? undefined : known.error,
    isReading,
    isReadingMore: readings.some(({ isReadingMore }) => isReadingMore),
    reading: namesOf(readings.filter((one) => one.isReading)),
    failed: readings.filter(({ list, error }) => !list && error),
    nameOf: (account: string) => nameOf.get(account) ?? account,
    held: namesOf(held),
    showHeld: show,
    more() {
      const more = { key, limit: merged.edges.length + STEP }
      limits.set(key, more.limit)
      setShown(more)
    },
    moreAgain: () => reader.more([...failing]),
    again() {
      if (known.error) known.again()
      reader.again(readings.filter(isIncomplete).map(({ account }) => account))
      void client.refetchQueries({ include: [InvoiceTotalsQuery] })
    },
  }
}

export type InvoiceList = ReturnType<typeof useInvoices>

const isAsked = ({ id, provider }: { id: string; provider: { id: string } }, { accounts, providers }: InvoiceFilter) =>
  (!accounts || accounts.includes(id)) && (!providers || providers.includes(provider.id))

const isIncomplete = ({ list, error, pageError }: Reading) =>
  !list || error || pageError || readCoverage(list.coverage).some(({ status }) => status !== 'COMPLETE')

/** The latest rows, for the time in which those of another filter are loading. */
function useLast(edges: readonly Edge[]): readonly Edge[] | undefined {
  const last = useRef<readonly Edge[]>(undefined)
  useEffect(() => {
    if (edges.length > 0) last.current = edges
  })
  return last.current
}
