import type { FailureCode } from '../gql/graphql'

interface Cause {
  readonly what: string // of the provider, as the end of a sentence
  readonly next: string // who does what
}

/** What each failure of a provider means, and the next step. */
const CAUSES: Readonly<Record<FailureCode, Cause>> = {
  UNAUTHORIZED: {
    what: 'refuses the key of this account.',
    next: 'The operator of this service replaces the key of the account in the configuration.',
  },
  FORBIDDEN: {
    what: 'does not allow the key of this account to read invoices.',
    next: 'The operator of this service gives the key the permission to read invoices.',
  },
  NOT_FOUND: {
    what: 'does not know what the configuration names.',
    next: 'The operator of this service corrects the ids of the account in the configuration.',
  },
  RATE_LIMITED: {
    what: 'allows no more requests at the moment.',
    next: 'Try again in a minute. A shorter period needs fewer requests.',
  },
  TIMED_OUT: {
    what: 'did not respond in time.',
    next: 'Try again. A shorter period needs fewer requests.',
  },
  UNAVAILABLE: {
    what: 'could not be reached, or returned an error.',
    next: 'Try again in some minutes. If it lasts, ask the provider.',
  },
  UNINTELLIGIBLE: {
    what: 'sent a response that this service cannot read.',
    next: 'Report it to the operator of this service: the API of the provider may have changed.',
  },
  UNLISTED: {
    what: 'has no list of invoices. Only the invoices that the configuration names are known.',
    next: 'The operator of this service adds new invoices to the configuration.',
  },
  COMPUTING: {
    what: 'is still computing the invoices.',
    next: 'Try again in a minute.',
  },
}

const isKnown = (code: string): code is FailureCode => Object.hasOwn(CAUSES, code)

/** Why the data of an account is missing, such as "Fastly did not respond in time." */
export const causeOf = (provider: string, code: FailureCode) => `${provider} ${CAUSES[code].what}`

/** What the reader or the operator does about a failure. Undefined if no step is known. */
export const nextStep = (code: string | null | undefined): string | undefined => (code && isKnown(code) ? CAUSES[code].next : undefined)
