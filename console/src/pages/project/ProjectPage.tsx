import { isLacking, readCoverage, type MaskedCoverage } from '../../graph/coverage'
import { failures } from '../../graph/failures'
import { hrefOf, useParams } from '../../lib/address'
import { periodText, usePeriod, usePeriodParameters } from '../../lib/period'
import { CoverageNotes } from '../../ui/CoverageNotes'
import { Link } from '../../ui/Link'
import { More } from '../../ui/More'
import { EmptyState } from '../../ui/Notice'
import { Page } from '../../ui/Page'
import { Problem } from '../../ui/Problem'
import { Section } from '../../ui/Section'
import { Simulated } from '../../ui/Simulated'
import { Skeleton } from '../../ui/Skeleton'
import { Table } from '../../ui/Table'
import { columnsFor } from './columns'
import { ProjectCost } from './ProjectCost'
import { useProject } from './useProject'
import './project.css'

export default function ProjectPage() {
  const id = useParams().get('id') ?? ''
  return <Contents key={id} id={id} />
}

function Contents({ id }: { id: string }) {
  const period = usePeriod()
  const shares = useProject(id, period)
  const { project, rows, coverage, error, loading, again } = shares
  const causes = failures(error)
  const isAbsent = !project && !loading && causes.every(({ code }) => code === 'NOT_FOUND')
  const isEmpty = rows?.length === 0 && !loading
  if (isAbsent) return <Absent />
  return (
    <Page title={project?.name ?? 'Project'} lead={project && <Lead account={project.account} />} actions={<AllProjects />}>
      {error && !loading && (
        <Problem title={project ? 'Some of the project could not be loaded.' : 'The project could not be loaded.'} causes={causes} retry={again} />
      )}
      <CoverageNotes coverage={coverage} retry={again} />
      {(project || loading) && !isEmpty && <ProjectCost id={id} period={period} newest={rows?.[0]} />}
      {isEmpty ? <Empty id={id} coverage={coverage} period={periodText(period)} /> : <Shares shares={shares} />}
    </Page>
  )
}

/** The project's share of each invoice, or its place while it is read. */
function Shares({ shares: { project, rows, hasMore, pages, loading } }: { shares: ReturnType<typeof useProject> }) {
  if (!rows && !loading) return null
  return (
    <Section title="Cost by invoice" note="The project’s share of each invoice, newest first." busy={loading}>
      {rows ? (
        <Table
          caption="Cost by invoice"
          columns={columnsFor(project?.name)}
          rows={rows}
          rowKey={({ invoice }) => invoice.id}
          rowHref={({ invoice }) => hrefOf('invoice', { id: invoice.id })}
          outdated={loading}
        />
      ) : (
        <Skeleton lines={6} what="the shares" />
      )}
      <More pages={pages} hasMore={hasMore} what="invoices" />
    </Section>
  )
}

/** No share in the period. If an account lacks invoices, the others may still have some. */
function Empty({ id, coverage, period }: { id: string; coverage: MaskedCoverage; period: string }) {
  const isPart = readCoverage(coverage).some(isLacking)
  return (
    <EmptyState
      tone={isPart ? 'warn' : 'info'}
      title={isPart ? 'No invoice that could be read charges the project in this period.' : 'No invoice of this period charges the project.'}
      action={<Link href={hrefOf('project', { id, period: 'all' })}>Show all time</Link>}
    >
      <p>{period}</p>
    </EmptyState>
  )
}

interface Account {
  readonly name: string
  readonly sandbox: boolean
  readonly provider: { readonly name: string }
}

const Lead = ({ account }: { account: Account }) => (
  <>
    {account.provider.name} · {account.name} <Simulated account={account} />
  </>
)

const AllProjects = () => <Link href={hrefOf('projects', usePeriodParameters())}>All projects</Link>

const Absent = () => (
  <Page title="Project not found">
    <EmptyState title="This project was not found." action={<Link href="projects">All projects</Link>}>
      <p>No invoice names it, or your key does not grant its account.</p>
    </EmptyState>
  </Page>
)
