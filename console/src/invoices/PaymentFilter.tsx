import { choose, useParams } from '../lib/address'
import { PAYMENTS } from '../lib/payment'
import { Choices, chosenText } from '../ui/Choices'
import { Popover } from '../ui/Popover'
import { Select, type Option } from '../ui/Select'

const STATES = Object.entries(PAYMENTS)
const OVERDUE: readonly Option[] = [
  ['true', 'Overdue'],
  ['false', 'Not overdue'],
]
const FAILED: readonly Option[] = [
  ['true', 'A payment failed'],
  ['false', 'No payment failed'],
]

/** Filters by the payment: its state, whether it is overdue, whether an attempt failed. */
export function PaymentFilter() {
  const params = useParams()
  const states = params.getAll('paymentStatus')
  const flags = { overdue: params.get('overdue') ?? '', everFailed: params.get('everFailed') ?? '' }
  const words = [
    ...(states.length > 0 ? [chosenText(states, STATES)] : []),
    ...(flags.overdue ? [chosenText([flags.overdue], OVERDUE)] : []),
    ...(flags.everFailed ? [chosenText([flags.everFailed], FAILED)] : []),
  ]
  return (
    <Popover label="Payment" text={words.length > 0 ? words.join(', ') : 'All'}>
      <Choices legend="State" values={states} options={STATES} onChange={(values) => choose({ paymentStatus: values })} />
      <div className="panel">
        <Select label="Overdue" all="All" value={flags.overdue} options={OVERDUE} onChange={(overdue) => choose({ overdue })} />
        <Select label="Attempts" all="All" value={flags.everFailed} options={FAILED} onChange={(everFailed) => choose({ everFailed })} />
        <p className="note">Invoices of which this is not known are left out.</p>
      </div>
    </Popover>
  )
}
