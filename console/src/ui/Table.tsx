import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from './Link'

export interface Column<Row> {
  readonly key: string
  readonly header: string
  readonly cell: (row: Row) => ReactNode
  readonly align?: 'start' | 'end' // "end" for amounts
  readonly sortable?: boolean
}

export interface Sort {
  readonly key: string
  readonly descending: boolean
}

interface Props<Row> {
  caption: string // for screen readers
  columns: readonly Column<Row>[] // the first is the header of its row
  rows: readonly Row[]
  rowKey: (row: Row) => string
  rowHref?: ((row: Row) => string | undefined) | undefined // the address that a row leads to, if any
  sort?: Sort
  onSort?: (sort: Sort) => void
  footer?: readonly ReactNode[] // one cell for each column
  outdated?: boolean // the rows belong to the previous filter
}

/** A table. On a narrow screen each row is a card with the names of the columns. A row with an address is one link. */
export function Table<Row>(props: Props<Row>) {
  const { caption, columns, rows, rowKey, rowHref, footer, outdated = false } = props
  // The roles are stated because a narrow screen changes the display of the elements, which would remove them.
  return (
    <div className="table-frame" data-outdated={outdated || undefined}>
      <table role="table">
        <caption className="unseen">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <Header key={column.key} column={column} {...props} />
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <Cells key={rowKey(row)} row={row} columns={columns} href={rowHref?.(row)} />
          ))}
        </tbody>
        {footer && (
          <tfoot role="rowgroup">
            <tr role="row">
              {columns.map(({ key, header, align = 'start' }, index) => (
                <td key={key} role="cell" data-align={align} data-label={index > 0 ? header : undefined}>
                  {footer[index]}
                </td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  )
}

function Header<Row>({ column, sort, onSort }: { column: Column<Row> } & Pick<Props<Row>, 'sort' | 'onSort'>) {
  const { key, header, align = 'start', sortable } = column
  const isSorted = sort?.key === key
  const order = isSorted ? (sort.descending ? 'descending' : 'ascending') : undefined
  const Arrow = sort?.descending ? ArrowDown : ArrowUp
  return (
    <th scope="col" role="columnheader" data-align={align} aria-sort={order}>
      {sortable && onSort ? (
        <button type="button" className="sort" onClick={() => onSort({ key, descending: isSorted ? !sort.descending : true })}>
          {header} {isSorted && <Arrow className="icon" aria-hidden="true" />}
        </button>
      ) : (
        header
      )}
    </th>
  )
}

function Cells<Row>({ row, columns, href }: { row: Row; columns: readonly Column<Row>[]; href: string | undefined }) {
  return (
    <tr role="row" className={href ? 'linked' : undefined}>
      {columns.map(({ key, header, cell, align = 'start' }, index) =>
        index === 0 ? (
          <th key={key} scope="row" role="rowheader" data-align={align}>
            {href ? (
              <Link className="row-link" href={href}>
                {cell(row)}
              </Link>
            ) : (
              cell(row)
            )}
          </th>
        ) : (
          <td key={key} role="cell" data-align={align} data-label={header}>
            {cell(row)}
          </td>
        ),
      )}
    </tr>
  )
}
