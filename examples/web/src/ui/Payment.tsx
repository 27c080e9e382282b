import { graphql, unmask, type FragmentType } from '../gql'
import { paymentName } from '../lib/payment'

const PaymentFragment = graphql(`
  fragment Payment on Invoice {
    paymentStatus
    paymentStates {
      word
    }
  }
`)

export function Payment(props: { invoice: FragmentType<typeof PaymentFragment> }) {
  const { paymentStatus, paymentStates } = unmask(PaymentFragment, props.invoice)
  return (
    <span className="payment" data-status={paymentStatus ?? 'UNKNOWN'}>
      {paymentName(paymentStatus, paymentStates)}
    </span>
  )
}
