import type { CreditState } from '../../gql/graphql'
import { hrefOf } from '../../lib/address'
import { day, periodName } from '../../lib/time'
import { Badge, type Tone } from '../../ui/Badge'
import { Simulated } from '../../ui/Simulated'
import type { Column } from '../../ui/Table'
import { CreditAmount, Meter } from './CreditAmount'
import { daysLeft, SOON } from './ends'
import { KINDS, STATES } from './filter'
import type { Credit } from './useCredits'

const TONES: Readonly<Record<Exclude<CreditState, 'ACTIVE'>, Tone>> = { NOT_STARTED: 'info', EXPIRED: 'quiet', EXHAUSTED: 'quiet' }

export const hrefOfCredit = ({ invoice }: Credit) => hrefOf('invoice', { id: invoice.id })

/** The provider's words for the credit, or its kind; below them the rest of what names it. */
function Name({ credit: { kind, product, description, reference, state } }: { credit: Credit }) {
  // The id of a credit with a balance is an internal one. That of another credit is a coupon's code or a line of the invoice.
  const rest = [description && KINDS[kind], product && kind !== 'COUPON' && `for ${product}`, !state && reference]
  return (
    <span className="titled">
      {description ?? KINDS[kind]}
      <small>{rest.filter(Boolean).join(' ')}</small>
    </span>
  )
}

const COMMON: readonly Column<Credit>[] = [
  { key: 'credit', header: 'Credit', cell: (credit) => <Name credit={credit} /> },
  {
    key: 'account',
    header: 'Account',
    cell: ({ account }) => (
      <>
        {account.name} <Simulated account={account} />
      </>
    ),
  },
]

const SHOWN: Column<Credit> = { key: 'invoice', header: 'On invoice', cell: ({ invoice }) => <span className="whole">{periodName(invoice.period)}</span> }
const GRANTED: Column<Credit> = { key: 'value', header: 'Granted', align: 'end', cell: ({ value }) => <CreditAmount value={value} /> }

/** Credits whose dates or remaining part are stated. */
export const balanceColumns = (now: string): readonly Column<Credit>[] => [
  ...COMMON,
  { key: 'ends', header: 'Ends', cell: (credit) => <Ends credit={credit} now={now} /> },
  GRANTED,
  { key: 'used', header: 'Used', align: 'end', cell: ({ used }) => <CreditAmount value={used} /> },
  {
    key: 'left',
    header: 'Left',
    align: 'end',
    cell: ({ value, remaining }) => (
      <span className="left">
        <CreditAmount value={remaining} />
        <Meter value={value} remaining={remaining} />
      </span>
    ),
  },
  SHOWN,
]

/** Credits of which nothing but their value is stated. */
export const NO_BALANCE_COLUMNS: readonly Column<Credit>[] = [...COMMON, SHOWN, GRANTED]

function Ends({ credit: { state, startsAt, expiresAt }, now }: { credit: Credit; now: string }) {
  const days = expiresAt ? daysLeft(expiresAt, now) : undefined
  const isSoon = state === 'ACTIVE' && days !== undefined && days <= SOON
  return (
    <span className="badges">
      {expiresAt ? <span className="whole">{day(expiresAt)}</span> : <span className="unknown">no end stated</span>}
      {isSoon && <Badge tone="warn">{days === 1 ? '1 day left' : `${days} days left`}</Badge>}
      {state && state !== 'ACTIVE' && <Badge tone={TONES[state]}>{STATES[state]}</Badge>}
      {state === 'NOT_STARTED' && startsAt && <small>starts {day(startsAt)}</small>}
    </span>
  )
}
