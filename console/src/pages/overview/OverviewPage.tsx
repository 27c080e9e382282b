import { failures } from '../../graph/failures'
import { type MaskedCoverage, readCoverage } from '../../graph/coverage'
import { usePeriod } from '../../lib/period'
import { CoverageNotes, EmptyList } from '../../ui/CoverageNotes'
import { Page } from '../../ui/Page'
import { Problem } from '../../ui/Problem'
import { Changes } from './Changes'
import { CreditsLeft } from './CreditsLeft'
import { Discrepancies } from './Discrepancies'
import './overview.css'
import { SpendByMonth } from './SpendByMonth'
import { Tiles } from './Tiles'
import { type Overview, useOverview } from './useOverview'

export default function OverviewPage() {
  const period = usePeriod()
  const overview = useOverview(period)
  const { accounts, parts, error, isStarting, again } = overview
  const causes = [error, ...overview.failures].flatMap((one) => (one ? failures(one) : []))
  const isEmpty = !isStarting && accounts.length === 0
  return (
    <Page title="Overview" lead={leadOf(overview)}>
      {causes.length > 0 && <Problem title={titleOf(overview)} causes={[...new Map(causes.map((one) => [one.message, one])).values()]} retry={again} />}
      {isEmpty && !error && <EmptyList coverage={[]} what="invoices" retry={again} />}
      <CoverageNotes coverage={parts.flatMap(({ spend }): MaskedCoverage => spend.coverage)} retry={again} />
      {!isEmpty && (parts.length > 0 || causes.length === 0) && (
        <>
          <Tiles overview={overview} />
          <SpendByMonth overview={overview} period={period} />
          <div className="halves">
            <Changes overview={overview} />
            <CreditsLeft overview={overview} />
          </div>
          <Discrepancies overview={overview} period={period} />
        </>
      )}
    </Page>
  )
}

/** What the figures cover. It takes one line in every state, so that nothing moves. */
function leadOf({ awaited, isStarting, parts }: Overview) {
  if (isStarting || (parts.length === 0 && awaited.length > 0)) return <span role="status">Loading the figures of the accounts.</span>
  if (awaited.length > 0) return <span role="status">Still reading {awaited.map(({ name }) => name).join(', ')}: not in the figures yet.</span>
  const read = parts.flatMap(({ spend }) => readCoverage(spend.coverage)).filter(({ status }) => status !== 'MISSING').length
  if (read === 0) return 'No account could be read.'
  return `What ${read === 1 ? 'one account was' : `${read} accounts were`} billed. Different currencies are never added.`
}

const titleOf = ({ failed, parts }: Overview) =>
  parts.length === 0 ? 'The figures could not be loaded.' : `The figures of ${failed.map(({ name }) => name).join(', ')} could not be loaded.`
