import { failures } from '../graph/failures'
import { useParams } from '../lib/address'
import { CoverageNotes, EmptyList } from '../ui/CoverageNotes'
import { Problem } from '../ui/Problem'
import { Skeleton } from '../ui/Skeleton'
import { Table } from '../ui/Table'
import { COLUMNS, hrefOfRow, useRows } from './columns'
import { clearFilters, isFiltered } from './filter'
import { Rest } from './Rest'
import type { InvoiceList as List } from './useInvoices'

/** The invoices with their states: loading, empty, failed, and partly there. */
export function InvoiceList({ invoices }: { invoices: List }) {
  const { list, error, isOutdated, isReading, again } = invoices
  const rows = useRows(list)
  const params = useParams()
  const retry = () => void again()
  return (
    <div className="stack" aria-busy={isReading}>
      {error && !isReading && (
        <Problem
          title={list ? 'Some invoices could not be loaded.' : 'The invoices could not be loaded.'}
          causes={failures(error)}
          retry={retry}
        />
      )}
      {!list && isReading && <Skeleton lines={8} what="the invoices" />}
      {list && rows.length > 0 && <CoverageNotes coverage={list.coverage} retry={retry} />}
      {list && rows.length === 0 && !isReading && (
        <EmptyList coverage={list.coverage} what="invoices" clear={isFiltered(params) ? clearFilters : undefined} retry={retry} />
      )}
      {rows.length > 0 && (
        <>
          <Table caption="Invoices" columns={COLUMNS} rows={rows} rowKey={({ id }) => id} rowHref={hrefOfRow} outdated={isOutdated} />
          <Rest invoices={invoices} />
        </>
      )}
    </div>
  )
}
