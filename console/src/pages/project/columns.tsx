import { counted } from '../../lib/money'
import { periodName } from '../../lib/time'
import { Amount } from '../../ui/Amount'
import { PaymentBadge } from '../../ui/PaymentBadge'
import type { Column } from '../../ui/Table'
import type { Charge } from './useProject'

const NOT_STATED = <span className="unknown">not stated</span>

/** The columns of the shares. `name` is the project's name now: an invoice may have another one. */
export const columnsFor = (name: string | null | undefined): readonly Column<Charge>[] => [
  {
    key: 'period',
    header: 'Invoice',
    cell: ({ invoice, name: named }) => (
      <>
        {periodName(invoice.period)} {invoice.number && <small>{invoice.number}</small>} {named && named !== name && <small>as “{named}”</small>}
      </>
    ),
  },
  { key: 'payment', header: 'Payment', cell: ({ invoice }) => <PaymentBadge invoice={invoice} /> },
  { key: 'usage', header: 'Usage', align: 'end', cell: (charge) => <Usage charge={charge} /> },
  { key: 'cost', header: 'Cost', align: 'end', cell: ({ cost }) => <Amount money={cost} /> },
]

/** What was used of each product, and what it costs. Quantities of different products are not added. */
function Usage({ charge: { usage } }: { charge: Charge }) {
  if (!usage) return NOT_STATED
  if (usage.length === 0) return <span className="unknown">none</span>
  return (
    <span className="usage">
      {usage.map(({ product, used, cost }, place) => (
        <span key={place}>
          <span>{product}</span>
          <span className="amount">{used ? counted(used) : NOT_STATED}</span>
          <Amount money={cost} />
        </span>
      ))}
    </span>
  )
}
