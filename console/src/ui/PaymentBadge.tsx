import { graphql, unmask, type FragmentType } from '../gql'
import type { PaymentStatus } from '../gql/graphql'
import { paymentName } from '../lib/payment'
import { Badge, type Tone } from './Badge'

const PaymentFragment = graphql(`
  fragment Payment on Invoice {
    paymentStatus
    paymentStates {
      word
    }
    overdue
  }
`)

export const PAYMENT_TONES: Readonly<Record<PaymentStatus, Tone>> = {
  PENDING: 'warn',
  IN_PROGRESS: 'info',
  PAID: 'good',
  FAILED: 'bad',
  UNRECOGNIZED: 'warn',
}

/** The payment state of an invoice. "Not known" and "Not tracked" never mean unpaid. */
export function PaymentBadge(props: { invoice: FragmentType<typeof PaymentFragment> }) {
  const { paymentStatus, paymentStates, overdue } = unmask(PaymentFragment, props.invoice)
  return (
    <span className="badges">
      <Badge tone={paymentStatus ? PAYMENT_TONES[paymentStatus] : 'quiet'}>{paymentName(paymentStatus, paymentStates)}</Badge>
      {overdue && <Badge tone="bad">Overdue</Badge>}
    </span>
  )
}
