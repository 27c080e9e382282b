import { graphql, unmask } from '../../gql'
import type { DiscrepantFragment, Severity } from '../../gql/graphql'
import type { Part } from './useOverview'

const DiscrepantFragment = graphql(`
  fragment Discrepant on Discrepancy {
    account {
      id
      name
    }
    invoice {
      id
      number
      period {
        start
        end
      }
    }
    check {
      code
      severity
      subject
      expected
      actual
      difference
      currency
      unit
    }
  }
`)

export type Found = DiscrepantFragment

/** Worst first. */
export const SEVERITY_WORDS = [
  ['ERROR', 'error'],
  ['WARNING', 'warning'],
  ['INFO', 'note'],
] as const satisfies readonly (readonly [Severity, string])[]

const WORST = SEVERITY_WORDS.map(([severity]) => severity)

/** The discrepancies of all answers, as the graph sorts them: by severity, then the latest period first, those of an account last. */
export function found(parts: readonly Part[]): Found[] {
  return parts.flatMap(({ discrepancies }) => unmask(DiscrepantFragment, discrepancies.edges.map(({ node }) => node))).toSorted(worstFirst)
}

const startOf = ({ invoice }: Found) => invoice?.period.start ?? ''

function worstFirst(one: Found, other: Found): number {
  const worse = WORST.indexOf(one.check.severity) - WORST.indexOf(other.check.severity)
  return worse || (startOf(one) === startOf(other) ? 0 : startOf(one) > startOf(other) ? -1 : 1)
}
