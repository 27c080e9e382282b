import { hrefOf } from '../../lib/address'
import { firstOf, lastOf, monthName, shifted } from '../../lib/time'
import { Sums } from '../../ui/Amount'
import { Section } from '../../ui/Section'
import { Skeleton } from '../../ui/Skeleton'
import { Table, type Column } from '../../ui/Table'
import { changesOf, type Change } from './changes'
import { Difference } from './Difference'
import type { Overview } from './useOverview'

/** The last whole month and the month before, account by account. Unlike figures are not compared. */
export function Changes({ overview }: { overview: Overview }) {
  const { month, parts, awaited } = overview
  const before = shifted(month, -1)
  const changes = changesOf(overview)
  const columns: readonly Column<Change>[] = [
    { key: 'account', header: 'Account', cell: ({ name }) => name },
    { key: 'before', header: monthName(before), align: 'end', cell: (change) => <Sums money={change.before} none={change.isRead ? 'none' : 'not known'} /> },
    { key: 'after', header: monthName(month), align: 'end', cell: ({ after, isRead }) => <Sums money={after} none={isRead ? 'none' : 'not known'} /> },
    {
      key: 'change',
      header: 'Change',
      align: 'end',
      cell: (change) => (change.reason ? <span className="unknown reason">Not compared. {change.reason}</span> : <Difference change={change} />),
    },
  ]
  const hrefOfRow = ({ id }: Change) => hrefOf('invoices', { accounts: id, period: 'custom', from: firstOf(before), to: lastOf(month) })
  return (
    <Section title="What changed" note={`${monthName(month)} against ${monthName(before)}: the last two whole months, whatever the period above.`}>
      <div id="changes" className="anchor" />
      {parts.length === 0 && awaited.length > 0 ? (
        <Skeleton lines={4} what="the changes" />
      ) : (
        <Table caption="Changes" columns={columns} rows={changes} rowKey={({ id }) => id} rowHref={hrefOfRow} />
      )}
    </Section>
  )
}
