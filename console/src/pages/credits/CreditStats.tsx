import { isLacking, readCoverage } from '../../graph/coverage'
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
  const isPart = list.hasMore || readCoverage(list.coverage).some(isLacking)
  const active = credits.filter(({ state }) => state === 'ACTIVE')
  const soon = endingSoon(active, now)
  const next = soon.filter(({ expiresAt }) => expiresAt === soon[0]?.expiresAt)
  return (
    <Stats>
      <Stat label="Can be used" note={`on ${day(now)}`}>
        <Count known={active.length} isPart={isPart} />
      </Stat>
      <Stat label={`End within ${SOON} days`} note={<Next credits={next} />}>
        <Count known={soon.length} isPart={isPart} />
      </Stat>
      <Stat label="Without a stated end" note="the provider states no date">
        <Count known={active.filter(({ expiresAt }) => !expiresAt).length} isPart={isPart} />
      </Stat>
    </Stats>
  )
}

/** A number of credits. It is the least if some could not be read. */
function Count({ known, isPart }: { known: number; isPart: boolean }) {
  if (!isPart) return known
  return known > 0 ? `at least ${known}` : <span className="unknown">not known</span>
}

function Next({ credits }: { credits: readonly Credit[] }) {
  const end = credits[0]?.expiresAt
  if (!end) return null
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
