import { isLacking, readCoverage } from '../../graph/coverage'
import { hrefOf } from '../../lib/address'
import { sums } from '../../lib/money'
import { firstOf, lastOf, moment, monthName, monthOf, shifted } from '../../lib/time'
import { Sums } from '../../ui/Amount'
import { Link } from '../../ui/Link'
import { Stats } from '../../ui/Stat'
import { changesOf, comparedRows, totalChange } from './changes'
import { Difference } from './Difference'
import { found, SEVERITY_WORDS } from './discrepant'
import { Tile } from './Tile'
import { Unsettled } from './Unsettled'
import type { Overview } from './useOverview'

/** The figures that a reader looks for first. Each says what it lacks, and leads to what is behind it. */
export function Tiles({ overview }: { overview: Overview }) {
  return (
    <Stats>
      <MonthToDate overview={overview} />
      <LastMonth overview={overview} />
      <Unsettled overview={overview} />
      <Checked overview={overview} />
    </Stats>
  )
}

function MonthToDate({ overview }: { overview: Overview }) {
  const running = overview.parts.flatMap(({ monthToDate }) => monthToDate.nodes)
  const unstated = running.filter(({ total }) => !total)
  const entries = overview.parts.flatMap(({ monthToDate }) => readCoverage(monthToDate.coverage))
  const isWhole = entries.length === overview.accounts.length && !entries.some(isLacking)
  return (
    <Tile
      overview={overview}
      label="This month to date"
      href={running.length === 1 ? hrefOf('invoice', { id: running[0]!.id }) : undefined}
      coverage={({ monthToDate }) => monthToDate.coverage}
      isEmpty={running.length === 0}
      figure={<Sums money={sums(running.map(({ total }) => total))} none={unstated.length ? 'not stated' : 'none'} />}
    >
      {running.map(({ id, account, period, total }) => (
        <span key={id}>
          <Link href={hrefOf('invoice', { id })}>{account.name}</Link> until {moment(period.end)}, not final{!total && ', amount not stated'}.
        </span>
      ))}
      {isWhole && running.length < overview.accounts.length && (
        <span>{running.length ? 'The other accounts have no running invoice.' : 'No account has a running invoice.'}</span>
      )}
    </Tile>
  )
}

function LastMonth({ overview }: { overview: Overview }) {
  const { month, parts, awaited } = overview
  const rows = comparedRows(parts).filter((row) => monthOf(row.month!) === month)
  const unpriced = rows.reduce((count, row) => count + row.unpriced, 0)
  const { obstacles, totals } = totalChange(changesOf(overview))
  const before = monthName(shifted(month, -1))
  return (
    <Tile
      overview={overview}
      label={monthName(month)}
      href={hrefOf('invoices', { period: 'custom', from: firstOf(month), to: lastOf(month) })}
      coverage={({ compared }) => compared.coverage}
      isEmpty={rows.length === 0}
      figure={<Sums money={sums(rows.map(({ billed }) => billed))} none={rows.length ? 'not stated' : 'no invoices'} />}
    >
      {totals.map((change) => (
        <span key={change.difference.currency}>
          <Difference change={change} /> against {before}.
        </span>
      ))}
      {unpriced > 0 && (
        <span>
          {unpriced} {unpriced === 1 ? 'amount is' : 'amounts are'} not stated.
        </span>
      )}
      {obstacles.length > 0 && awaited.length === 0 && (
        <span>
          No change against {before} is shown: {obstacles.map(({ name }) => name).join(', ')} cannot be compared. <a href="#changes">Why</a>
        </span>
      )}
    </Tile>
  )
}

function Checked({ overview }: { overview: Overview }) {
  const rows = found(overview.parts)
  const counts = SEVERITY_WORDS.flatMap(([severity, word]) => {
    const count = rows.filter(({ check }) => check.severity === severity).length
    return count ? [`${count} ${word}${count === 1 ? '' : 's'}`] : []
  })
  return (
    <Tile
      overview={overview}
      label="Does not add up"
      href={rows.length ? '#discrepancies' : undefined}
      coverage={({ discrepancies }) => discrepancies.coverage}
      isEmpty={rows.length === 0}
      figure={counts[0] ?? <span className="unknown">nothing found</span>}
    >
      {counts[1] && <span>and {counts.slice(1).join(' and ')}.</span>}
      <span>On the invoices of the period below.</span>
    </Tile>
  )
}
