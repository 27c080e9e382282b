import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { type Coverage, isLacking, type MaskedCoverage, readCoverage } from '../../graph/coverage'
import { Link } from '../../ui/Link'
import { Stat } from '../../ui/Stat'
import type { Overview, Part } from './useOverview'

interface Props {
  overview: Overview
  label: string
  href?: string | undefined // where the figure comes from
  coverage: (part: Part) => MaskedCoverage
  figure: ReactNode
  children?: ReactNode // what the figure covers
}

/** A figure over all accounts that have answered, and what it lacks. Without any answer it is a placeholder. */
export function Tile({ overview, label, href, coverage, figure, children }: Props) {
  const { parts, awaited, failed } = overview
  const entries = parts.flatMap((part) => readCoverage(coverage(part)))
  const partial = entries.filter((entry) => entry.status === 'PARTIAL' && isLacking(entry))
  const without = [...awaited.map(({ name }) => name), ...failed.map(({ name }) => name), ...entries.filter(isAbsent).map(nameOf)]
  const isKnown = entries.some((entry) => !isAbsent(entry))
  const isAwaited = parts.length === 0 && (awaited.length > 0 || failed.length === 0)
  return (
    <Stat
      label={href && isKnown ? <Leading href={href} label={label} /> : label}
      note={
        <>
          {isKnown && children}
          {!isAwaited && without.length > 0 && <span className="without">Without {without.join(', ')}.</span>}
          {partial.length > 0 && <span className="without">Incomplete: {partial.map(nameOf).join(', ')}.</span>}
        </>
      }
    >
      {isKnown ? figure : isAwaited ? <span className="bone" /> : <span className="unknown">not known</span>}
    </Stat>
  )
}

function Leading({ href, label }: { href: string; label: string }) {
  const content = (
    <>
      {label} <ChevronRight className="icon" aria-hidden="true" />
    </>
  )
  return href.startsWith('#') ? <a href={href}>{content}</a> : <Link href={href}>{content}</Link>
}

export const nameOf = ({ account }: Coverage) => account.name
const isAbsent = (entry: Coverage) => entry.status === 'MISSING' && isLacking(entry)
