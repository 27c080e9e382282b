import { useMemo } from 'react'
import { failures } from '../graph/failures'
import { CoverageNotes } from '../ui/CoverageNotes'
import { Problem } from '../ui/Problem'
import { Skeleton } from '../ui/Skeleton'
import { Table } from '../ui/Table'
import { columnsOf, hrefOfRow, useRows } from './columns'
import { Excluded } from './Excluded'
import { chooseOrder } from './filter'
import './invoices.css'
import { Held, ListState } from './ListState'
import { NoInvoices } from './NoInvoices'
import { Rest } from './Rest'
import type { InvoiceList as List } from './useInvoices'
import { useLinesTotals } from './useLinesTotals'

/** The invoices with their states: loading, empty, failed, and partly there. */
export function InvoiceList({ invoices }: { invoices: List }) {
  const { frame, pointer, edges, coverage, orderBy, failed, accountsError, isOutdated, isReading, again } = invoices
  const rows = useRows(edges)
  const lines = useLinesTotals(invoices)
  const columns = useMemo(() => columnsOf(lines), [lines])
  const isEmpty = rows.length === 0 && !isReading && failed.length === 0 && !accountsError
  return (
    <div className="stack" aria-busy={isReading}>
      <Failed invoices={invoices} />
      {!isEmpty && <ListState invoices={invoices} />}
      {!isEmpty && <CoverageNotes coverage={coverage} retry={again} />}
      {!isOutdated && <Excluded coverage={coverage} />}
      {rows.length === 0 && isReading && <Skeleton lines={12} what="the invoices" />}
      {isEmpty && <NoInvoices invoices={invoices} />}
      {rows.length > 0 && (
        <>
          <div ref={frame} className="invoice-table" {...pointer}>
            <Table
              caption="Invoices"
              columns={columns}
              rows={rows}
              rowKey={({ id }) => id}
              rowHref={hrefOfRow}
              sort={{ key: 'period', descending: orderBy === 'NEWEST_FIRST' }}
              onSort={({ descending }) => chooseOrder(descending ? 'NEWEST_FIRST' : 'OLDEST_FIRST')}
              outdated={isOutdated}
            />
          </div>
          <Rest invoices={invoices} />
          <Held invoices={invoices} />
        </>
      )}
    </div>
  )
}

/** Requests without any answer. If no request has one, the invoices as a whole failed. */
function Failed({ invoices: { accountsError, failed, readings, nameOf, again } }: { invoices: List }) {
  if (accountsError) return <Problem title="The invoices could not be loaded." causes={failures(accountsError)} retry={again} />
  if (failed.length === 0) return null
  const title =
    failed.length === readings.length
      ? 'The invoices could not be loaded.'
      : `The invoices of ${failed.map(({ account }) => nameOf(account)).join(', ')} could not be loaded.`
  const causes = failed.flatMap(({ error }) => failures(error))
  return <Problem title={title} causes={[...new Map(causes.map((cause) => [cause.message, cause])).values()]} retry={again} />
}
