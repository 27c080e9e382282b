import type { ReactNode } from 'react'

/** Figures side by side. Children are `Stat`. */
export const Stats = ({ children }: { children: ReactNode }) => <dl className="stats">{children}</dl>

/** A labelled figure. `note` says what it covers, such as the period. */
export const Stat = ({ label, note, children }: { label: ReactNode; note?: ReactNode; children: ReactNode }) => (
  <div className="stat card">
    <dt>{label}</dt>
    <dd className="figure">{children}</dd>
    {note && <dd className="note">{note}</dd>}
  </div>
)

/** Facts with their names, in columns. Children are `Fact`. */
export const Facts = ({ children }: { children: ReactNode }) => <dl className="facts">{children}</dl>

export const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children ?? <span className="unknown">not stated</span>}</dd>
  </div>
)
