import type { ReactNode } from 'react'

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'quiet'

/** A short state in words, with a tone. The words alone carry the meaning. */
export const Badge = ({ tone = 'quiet', title, children }: { tone?: Tone; title?: string; children: ReactNode }) => (
  <span className="badge" data-tone={tone} title={title}>
    {children}
  </span>
)
