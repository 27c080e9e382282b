import { readCoverage, type MaskedCoverage } from '../../graph/coverage'
import { useParams } from '../../lib/address'
import { day } from '../../lib/time'
import { CoverageNotes, EmptyList } from '../../ui/CoverageNotes'
import { Page } from '../../ui/Page'
import type { CreditState } from '../../gql/graphql'
import { balanceColumns, NO_BALANCE_COLUMNS } from './columns'
import { CreditFilters } from './CreditFilters'
import { CreditSection } from './CreditSection'
import { CreditStats } from './CreditStats'
import { firstEndFirst } from './ends'
import { type Chosen, clearFilters, isFiltered, NO_STATE, useChosen } from './filter'
import { useCredits, useNow } from './useCredits'
import './credits.css'

const MOST = 200 // of one page in the graph. A longer list has a button for the next page
const PAGE = 25 // of the list that may need a call for each invoice
const USABLE = ['ACTIVE', 'NOT_STARTED'] as const
const OVER = ['EXPIRED', 'EXHAUSTED'] as const

export default function CreditsPage() {
  const now = useNow()
  const chosen = useChosen()
  const params = useParams()
  // Accounts that never state a balance are not called for the first two.
  const usable = useCredits(filterOf(chosen, USABLE, now), now, MOST)
  const over = useCredits(filterOf(chosen, OVER, now), now, MOST)
  const rest = useCredits(chosen.states.has(NO_STATE) ? chosen.filter : undefined, now, PAGE)
  const shown = [usable, over, rest].filter(({ isChosen }) => isChosen)
  const retry = () => shown.forEach(({ again }) => again())
  const columns = balanceColumns(now)
  const coverage = worst(shown.map((list) => list.coverage))
  const parts = [firstEndFirst(usable.credits ?? []), over.credits ?? [], (rest.credits ?? []).filter(({ state }) => !state)] as const
  const isEmpty = parts.every(({ length }) => length === 0) && shown.every((list) => list.credits && !list.hasMore && !list.loading && !list.error)
  return (
    <Page title="Credits" lead="What providers granted. Each credit is as the newest invoice shows it.">
      <CreditFilters />
      {!isEmpty && <CoverageNotes coverage={coverage} retry={retry} />}
      {isEmpty ? (
        <EmptyList coverage={coverage} what="credits" clear={isFiltered(params) ? clearFilters : undefined} retry={retry} />
      ) : (
        <>
          {chosen.states.has('ACTIVE') && <CreditStats list={usable} now={now} />}
          <CreditSection
            title="Can be used"
            note={`By their dates on ${day(now)}. Those that end first come first.`}
            none="No credit can be used."
            list={usable}
            rows={parts[0]}
            columns={columns}
          />
          <CreditSection title="Used up or expired" note="What was left at the end cannot be used any more." none="None." list={over} rows={parts[1]} columns={columns} />
          <CreditSection
            title="Without a balance"
            note="The provider states the value only, such as coupons and rebates: neither an end, nor what is left."
            none="None."
            list={rest}
            rows={parts[2]}
            columns={NO_BALANCE_COLUMNS}
          />
        </>
      )}
    </Page>
  )
}

/** The filter for the chosen ones of these states. Undefined if none of them is chosen. */
function filterOf({ filter, states }: Chosen, of: readonly CreditState[], asOf: string) {
  const some = of.filter((state) => states.has(state))
  return some.length > 0 ? { ...filter, states: some, asOf } : undefined
}

const RANK = ['COMPLETE', 'STALE', 'PARTIAL', 'MISSING']

/** One entry for each account: the worst one of several lists. */
function worst(lists: readonly MaskedCoverage[]): MaskedCoverage {
  const entries = lists.flat()
  const read = readCoverage(entries)
  const byAccount = Map.groupBy(entries.keys(), (place) => read[place]!.account.id)
  const rank = (place: number) => (read[place]!.code === 'UNLISTED' ? 0 : RANK.indexOf(read[place]!.status))
  return [...byAccount.values()].map((places) => entries[places.toSorted((one, other) => rank(other) - rank(one))[0]!]!)
}
