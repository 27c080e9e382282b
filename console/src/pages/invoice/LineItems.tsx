import { unmask } from '../../gql'
import { Amount } from '../../ui/Amount'
import { Problem } from '../../ui/Problem'
import { Section } from '../../ui/Section'
import { Skeleton } from '../../ui/Skeleton'
import { Table } from '../../ui/Table'
import { readChecks } from './check'
import { LineFragment } from './line'
import { columnsOf } from './lineColumns'
import type { Contents } from './useContents'

/** The line items with what the provider states about each, and their sum. */
export function LineItems({ contents }: { contents: Contents }) {
  const { invoice, loading, isReadingMore, causesOf, pageCauses, more, again } = contents
  const connection = invoice?.lineItems
  const rows = unmask(LineFragment, connection?.edges.map(({ node }) => node) ?? [])
  const causes = causesOf('lineItems')
  const total = invoice?.linesTotal
  const columns = columnsOf(rows, readChecks(contents))
  const isPart = connection?.pageInfo.hasNextPage
  return (
    <Section title="Line items" note={isPart && total ? `The first ${rows.length} of ${total.lines}` : undefined} busy={loading}>
      {loading && <Skeleton lines={6} what="the line items" />}
      {causes.length > 0 && <Problem title="The line items could not be loaded." causes={causes} retry={again} />}
      {!loading && !connection && causes.length === 0 && <p className="unknown">The provider lists no line items.</p>}
      {connection && rows.length === 0 && <p className="unknown">There are no line items.</p>}
      {rows.length > 0 && (
        <Table
          caption="Line items"
          columns={columns}
          rows={rows}
          rowKey={({ id }) => id}
          {...(total && { footer: columns.map((_, place) => footerCell(place, columns.length, total)) })}
        />
      )}
      {pageCauses.length > 0 && <Problem title="The next line items could not be loaded." causes={pageCauses} retry={more} />}
      {isPart && pageCauses.length === 0 && (
        <button type="button" onClick={more} disabled={isReadingMore}>
          {isReadingMore ? 'Loading more' : 'Show more lines'}
        </button>
      )}
    </Section>
  )
}

function footerCell(place: number, columns: number, { lines, unpriced, sum }: NonNullable<NonNullable<Contents['invoice']>['linesTotal']>) {
  if (place === columns - 1) return <Amount money={sum} />
  if (place > 0) return null
  return (
    <>
      Sum of {unpriced > 0 ? `${lines - unpriced} of ${lines}` : lines} {lines === 1 ? 'line' : 'lines'}
      <small className="below">Derived by this service</small>
    </>
  )
}
