import { graphql, unmask, type FragmentType } from '../../gql'
import { PAYMENTS } from '../../lib/payment'
import { moment } from '../../lib/time'
import { PAYMENT_TONES } from '../../ui/PaymentBadge'
import { Section } from '../../ui/Section'

const TimelineFragment = graphql(`
  fragment InvoiceTimeline on Invoice {
    paymentStates {
      status
      word
      message
      at
    }
  }
`)

/** The payment history, earliest first, with the provider's own status words. */
export function Timeline(props: { invoice: FragmentType<typeof TimelineFragment> }) {
  const { paymentStates } = unmask(TimelineFragment, props.invoice)
  return (
    <Section title="Payment">
      {!paymentStates && <p className="unknown">Not tracked by the provider. This does not mean unpaid.</p>}
      {paymentStates?.length === 0 && <p className="unknown">Not known: the provider states no status.</p>}
      {paymentStates && paymentStates.length > 0 && (
        <ol className="timeline">
          {paymentStates.map(({ status, word, message, at }, step) => (
            <li key={step} data-tone={PAYMENT_TONES[status]}>
              <strong>{PAYMENTS[status]}</strong> <q>{word}</q> {message && <p>{message}</p>}
              {at ? <time dateTime={at}>{moment(at)}</time> : <small>no time stated</small>}
            </li>
          ))}
        </ol>
      )}
    </Section>
  )
}
