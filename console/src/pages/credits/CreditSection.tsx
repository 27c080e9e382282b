import type { ReactNode } from 'react'
import { failures } from '../../graph/failures'
import { isLacking, readCoverage } from '../../graph/coverage'
import { More } from '../../ui/More'
import { Problem } from '../../ui/Problem'
import { Section } from '../../ui/Section'
import { Skeleton } from '../../ui/Skeleton'
import { Table, type Column } from '../../ui/Table'
import { hrefOfCredit } from './columns'
import type { Credit, CreditList } from './useCredits'

interface Props {
  title: string
  note: ReactNode
  none: string // if there is no such credit
  list: CreditList
  rows: readonly Credit[]
  columns: readonly Column<Credit>[]
}

/** One part of the credits, read by a query of its own, so that a slow account delays only the parts that need it. */
export function CreditSection({ title, note, none, list, rows, columns }: Props) {
  if (!list.isChosen) return null
  const isFirst = list.loading && !list.credits
  return (
    <Section title={title} note={note} busy={list.loading}>
      {list.error && !list.loading && <Problem title="These credits could not be loaded." causes={failures(list.error)} retry={list.again} />}
      {isFirst && <Skeleton lines={4} what="the credits" />}
      {list.credits && rows.length === 0 && <Nothing none={none} list={list} />}
      {rows.length > 0 && <Table caption={title} columns={columns} rows={rows} rowKey={({ id }) => id} rowHref={hrefOfCredit} outdated={list.loading} />}
      <More pages={list.pages} hasMore={list.hasMore} what="credits" />
    </Section>
  )
}

function Nothing({ none, list }: { none: string; list: CreditList }) {
  const lacking = readCoverage(list.coverage).filter(isLacking)
  const missing = lacking.filter(({ status }) => status === 'MISSING').map(({ account }) => account.name)
  if (missing.length > 0) return <p className="note">Not known, because these accounts could not be read: {missing.join(', ')}.</p>
  return <p className="note">{list.hasMore ? 'None so far. Older invoices may show some.' : none}</p>
}
