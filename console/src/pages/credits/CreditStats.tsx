import { day } from '../../lib/time'
import { Skeleton } from '../../ui/Skeleton'
import { Stat, Stats } from '../../ui/Stat'
import { CreditAmount } from './CreditAmount'
import { endingSoon, SOON } from './ends'
import type { Credit, CreditList } from './useCredits'

/** How many credits can be used, and what is left of those that end next. Amounts of different products are not added. */
export function CreditStats({ list, now }: { list: CreditList; now: string }) {
  const credits = list.credits
  if (!credits) return list.loading ? <Loading /> : null
  const active = credits.filter(({ state }) => state === 'ACTIVE')
  const soon = endingSoon(active, now)
  const next = soon.filter(({ expiresAt }) => expiresAt === soon[0]?.expiresAt)
  const open = active.filter(({ expiresAt }) => !expiresAt).length
  return (
    <Stats>
      <Stat label="Can be used" note={list.hasMore ? 'more are not loaded yet' : `on ${day(now)}`}>
        {count(active.length, list.hasMore)}
      </Stat>
      <Stat label={`End within ${SOON} days`} note={<Next credits={next} />}>
        {count(soon.length, list.hasMore)}
      </Stat>
      <Stat label="Without a stated end" note="the provider states no date">
        {count(open, list.hasMore)}
      </Stat>
    </Stats>
  )
}

function Next({ credits }: { credits: readonly Credit[] }) {
  const end = credits[0]?.expiresAt
  if (!end) return <>none of them</>
  return (
    <>
      next on {day(end)}:{' '}
      {credits.map(({ id, product, remaining }, place) => (
        <span key={id}>
          {place > 0 && ', '}
          <CreditAmount value={remaining} /> {product && `for ${product}`}
        </span>
      ))}
    </>
  )
}

const Loading = () => (
  <div className="stats">
    {['can-be-used', 'end-soon', 'open'].map((key) => (
      <div key={key} className="stat card">
        <Skeleton lines={3} what="the credits" />
      </div>
    ))}
  </div>
)

const count = (known: number, hasMore: boolean | undefined) => (hasMore ? `at least ${known}` : known)
