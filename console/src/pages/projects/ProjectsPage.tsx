import { failures } from '../../graph/failures'
import { readCoverage, type MaskedCoverage } from '../../graph/coverage'
import { hrefOf, useParams } from '../../lib/address'
import { periodText, usePeriod, usePeriodParameters } from '../../lib/period'
import { CoverageNotes, EmptyList } from '../../ui/CoverageNotes'
import { More } from '../../ui/More'
import { Page } from '../../ui/Page'
import { Problem } from '../../ui/Problem'
import { Section } from '../../ui/Section'
import { Skeleton } from '../../ui/Skeleton'
import { Table } from '../../ui/Table'
import { COLUMNS, footerOf } from './columns'
import { ProjectCharts } from './ProjectCharts'
import { clearFilters, isFiltered, ProjectFilters } from './ProjectFilters'
import { useProjects } from './useProjects'

export default function ProjectsPage() {
  const params = useParams()
  const period = usePeriod()
  const kept = usePeriodParameters()
  const { rows, coverage, hasMore, pages, error, loading, again } = useProjects()
  const isEmpty = rows?.length === 0 && !loading
  return (
    <Page title="Projects" lead="What the invoices charge each project. It is the same money as their line items: do not add the two.">
      <ProjectFilters />
      {error && !loading && <Problem title={rows ? 'Some costs could not be loaded.' : 'The projects could not be loaded.'} causes={failures(error)} retry={again} />}
      {!isEmpty && <CoverageNotes coverage={coverage} retry={again} />}
      {!rows && loading && <Loading />}
      {isEmpty && <EmptyList coverage={coverage} what="projects" clear={isFiltered(params) ? clearFilters : undefined} retry={again} />}
      {rows && rows.length > 0 && (
        <>
          <Section title="Cost by month" note={`${periodText(period)}, by the month in which the period of the invoice starts.`} busy={loading}>
            <ProjectCharts rows={rows} />
            {rows.every(({ charges }) => charges?.length === 0) && <p className="note">No invoice of this period charges a project.</p>}
          </Section>
          <Section title={hasMore ? 'First projects' : 'All projects'} note={<Unsplit coverage={coverage} period={periodText(period)} />} busy={loading}>
            <Table
              caption="Projects"
              columns={COLUMNS}
              rows={rows}
              rowKey={({ id }) => id}
              rowHref={({ id }) => hrefOf('project', { ...kept, id })}
              footer={footerOf(rows)}
              outdated={loading}
            />
            <More pages={pages} hasMore={hasMore} what="projects" />
          </Section>
        </>
      )}
    </Page>
  )
}

/** The accounts whose provider does not split invoices by project. Their money is not on this page. */
function Unsplit({ coverage, period }: { coverage: MaskedCoverage; period: string }) {
  const without = readCoverage(coverage).filter(({ status, asOf, message }) => status === 'COMPLETE' && !asOf && message)
  if (without.length === 0) return period
  return (
    <>
      {period}. Not here, because the provider does not split invoices by project: {without.map(({ account }) => account.name).join(', ')}.
    </>
  )
}

function Loading() {
  return (
    <>
      <Section title="Cost by month">
        <div className="chart-place">
          <Skeleton lines={5} what="the costs" />
        </div>
      </Section>
      <Section title="All projects">
        <Skeleton lines={6} what="the projects" />
      </Section>
    </>
  )
}
