import { graphql, unmask, type FragmentType } from '../gql'
import type { CoverageFragment as Entry } from '../gql/graphql'

const CoverageFragment = graphql(`
  fragment Coverage on Coverage {
    account {
      id
      name
      sandbox
      provider {
        id
        name
      }
    }
    status
    code
    message
    asOf
  }
`)

export type Coverage = Entry
export type MaskedCoverage = readonly FragmentType<typeof CoverageFragment>[]

export const readCoverage = (coverage: MaskedCoverage): readonly Coverage[] => unmask(CoverageFragment, coverage)

/** Whether data of an account is missing or late because of a failure. A provider that has no list of invoices is no failure. */
export const isLacking = ({ status, code }: { status: Entry['status']; code?: string | null }) =>
  status !== 'COMPLETE' && Boolean(code) && code !== 'UNLISTED'
