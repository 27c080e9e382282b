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
  isEmpty: boolean // whether no account that was read has anything: then the figure is only true if all were read
  children?: ReactNode // what the figure covers
}

/** A figure over all accounts that have answered, and what it lacks. It is a placeholder while nothing is known. */
export function Tile({ overview, label, href, coverage, figure, isEmpty, children }: Props) {
  const { parts, awaited, failed } = overview
  const entries = parts.flatMap((part) => readCoverage(coverage(part)))
  const partial = entries.filter((entry) => entry.status === 'PARTIAL' && isLacking(entry))
  const absent = [...failed.map(({ name }) => name), ...entries.filter(isAbsent).map(nameOf)]
  const isAwaited = awaited.length > 0 || (parts.length === 0 && failed.length === 0)
  const isKnown = entries.some((entry) => !isAbsent(entry)) && !(isEmpty && (isAwaited || absent.length > 0))
  return (
    <Stat
      label={href && isKnown ? <Leading href={href} label={label} /> : label}
      note={
        <>
          {isKnown && children}
          {isKnown && awaited.length > 0 && <span>So far without {awaited.map(({ name }) => name).join(', ')}.</span>}
          {absent.length > 0 && <span className="without">Without {absent.join(', ')}.</span>}
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
