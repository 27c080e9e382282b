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
  const { project, rows, coverage, hasMore, pages, error, loading, again } = useProject(id, period)
  const causes = failures(error)
  const isEmpty = rows?.length === 0 && !loading
  const isAbsent = !project && !loading && causes.every(({ code }) => code === 'NOT_FOUND')
  if (isAbsent) return <Absent />
  return (
    <Page title={project?.name ?? 'Project'} lead={project && <Lead account={project.account} />} actions={<AllProjects />}>
      {error && !loading && <Problem title={project ? 'Some of the project could not be loaded.' : 'The project could not be loaded.'} causes={causes} retry={again} />}
      <CoverageNotes coverage={coverage} retry={again} />
      {(project || loading) && !isEmpty && <ProjectCost id={id} period={period} newest={rows?.[0]} />}
      {!rows && loading && (
        <Section title="Cost by invoice">
          <Skeleton lines={6} what="the shares" />
        </Section>
      )}
      {isEmpty && (
        <EmptyState title="No invoice of this period charges the project." action={<AllTime id={id} />}>
          <p>{periodText(period)}</p>
        </EmptyState>
      )}
      {rows && rows.length > 0 && (
        <Section title="Cost by invoice" note="The project’s share of each invoice, newest first." busy={loading}>
          <Table
            caption="Cost by invoice"
            columns={columnsFor(project?.name)}
            rows={rows}
            rowKey={({ invoice }) => invoice.id}
            rowHref={({ invoice }) => hrefOf('invoice', { id: invoice.id })}
            outdated={loading}
          />
          <More pages={pages} hasMore={hasMore} what="invoices" />
        </Section>
      )}
    </Page>
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

const AllTime = ({ id }: { id: string }) => <Link href={hrefOf('project', { id, period: 'all' })}>Show all time</Link>

const Absent = () => (
  <Page title="Project not found">
    <EmptyState title="This project was not found." action={<Link href="projects">All projects</Link>}>
      <p>No invoice names it, or your key does not grant its account.</p>
    </EmptyState>
  </Page>
)
