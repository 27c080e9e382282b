import { graphql, unmask, type FragmentType } from '../../gql'
import type { Verdict } from '../../gql/graphql'
import { day } from '../../lib/time'
import { Amount } from '../../ui/Amount'
import { Badge } from '../../ui/Badge'
import { PaymentBadge } from '../../ui/PaymentBadge'
import { Stat, Stats } from '../../ui/Stat'
import { differing, Figure, readChecks, verdictText } from './check'
import type { Contents } from './useContents'

const FiguresFragment = graphql(`
  fragment InvoiceFigures on Invoice {
    total {
      ...Amount
    }
    dueAt
    overdue
    failedAttempts
    ...Payment
  }
`)

interface Props {
  invoice: FragmentType<typeof FiguresFragment>
  contents: Contents
}

/** The stated total, the derived sum of the lines, the payment, and whether the figures agree. */
export function Figures({ invoice: masked, contents }: Props) {
  const invoice = unmask(FiguresFragment, masked)
  const { total, dueAt, overdue, failedAttempts } = invoice
  return (
    <Stats>
      <Stat label="Total" note={total ? 'As the provider states it.' : 'The provider states no total.'}>
        <Amount money={total} />
      </Stat>
      <LinesTotal contents={contents} />
      <Stat label="Payment" note={<Due dueAt={dueAt} overdue={overdue} failedAttempts={failedAttempts} />}>
        <PaymentBadge invoice={invoice} />
      </Stat>
      <Agreement contents={contents} />
    </Stats>
  )
}

function LinesTotal({ contents }: { contents: Contents }) {
  const { invoice, loading, causesOf } = contents
  const lines = invoice?.linesTotal
  const failed = causesOf('linesTotal').length > 0
  const check = readChecks(contents).find(({ code }) => code === 'LINES_TOTAL' || code === 'PRODUCTS_TOTAL')
  const isOff = check?.verdict === 'MISMATCH' || check?.verdict === 'WITHIN_TOLERANCE'
  return (
    <Stat
      label="Sum of the lines"
      note={
        <>
          Derived by this service.{' '}
          {lines && lines.unpriced > 0 && `${lines.unpriced} of ${lines.lines} lines state no amount. `}
          {check?.verdict === 'EXACT' && 'Equal to the total.'}
          {isOff && (
            <strong className="differs">
              Off the total by <Figure value={check.difference} check={check} />.
            </strong>
          )}
        </>
      }
    >
      {loading ? <span className="unknown">reading</span> : failed ? <span className="unknown">could not be read</span> : <Amount money={lines?.sum} />}
    </Stat>
  )
}

interface DueProps {
  dueAt: string | null | undefined
  overdue: boolean | null | undefined
  failedAttempts: number | null | undefined
}

function Due({ dueAt, overdue, failedAttempts }: DueProps) {
  return (
    <>
      {dueAt ? `${overdue ? 'Was due' : 'Due'} on ${day(dueAt)}.` : 'The day it is due is not known.'}
      {Boolean(failedAttempts) && ` ${failedAttempts} failed ${failedAttempts === 1 ? 'attempt' : 'attempts'}.`}
    </>
  )
}

const WORDS: Readonly<Partial<Record<Verdict, string>>> = { EXACT: 'Adds up', ROUNDING: 'Adds up, with rounding' }

function Agreement({ contents }: { contents: Contents }) {
  const { invoice, loading } = contents
  const checks = readChecks(contents)
  const verdict = invoice?.reconciliation?.verdict
  const off = differing(checks).length
  return (
    <Stat label="Does it add up" note={<a href="#checks">{checks.length === 1 ? '1 check' : `${checks.length} checks`}</a>}>
      {loading ? (
        <span className="unknown">reading</span>
      ) : off > 0 ? (
        <Badge tone={verdict === 'MISMATCH' ? 'bad' : 'warn'}>{off === 1 ? '1 difference' : `${off} differences`}</Badge>
      ) : verdict ? (
        <Badge tone={verdict === 'NOT_EVALUABLE' ? 'quiet' : 'good'}>{WORDS[verdict] ?? verdictText(verdict)}</Badge>
      ) : (
        <span className="unknown">could not be read</span>
      )}
    </Stat>
  )
}
