import type { PaymentStatus } from '../gql/graphql'

export const PAYMENTS: Readonly<Record<PaymentStatus, string>> = {
  PENDING: 'Pending',
  IN_PROGRESS: 'In progress',
  PAID: 'Paid',
  FAILED: 'Failed',
  UNRECOGNIZED: 'Unrecognized',
}

/** Null never means unpaid: the provider does not track the payment, or its history does not state the status. */
export function paymentName(status: PaymentStatus | null | undefined, states: readonly unknown[] | null | undefined): string {
  if (status) return PAYMENTS[status]
  return states ? 'Not known' : 'Not tracked'
}
