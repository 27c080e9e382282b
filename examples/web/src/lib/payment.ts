import type { PaymentStatus } from '../gql/graphql'

export const PAYMENTS: Readonly<Record<PaymentStatus, string>> = {
  PENDING: 'Pending',
  IN_PROGRESS: 'In progress',
  PAID: 'Paid',
  FAILED: 'Failed',
  UNRECOGNIZED: 'Unrecognized',
}

/** Null is never unpaid: either nobody follows the payment, or its history does not say where it stands. */
export function paymentName(status: PaymentStatus | null | undefined, states: readonly unknown[] | null | undefined): string {
  if (status) return PAYMENTS[status]
  return states ? 'Not known' : 'Not followed by the provider'
}
