import { useApolloClient } from '@apollo/client/react'
import { Suspense } from 'react'
import { useSession } from '../graph/session'
import { usePage } from '../lib/address'
import { EmptyState } from '../ui/Notice'
import { Link } from '../ui/Link'
import { Page } from '../ui/Page'
import { SignIn } from '../ui/SignIn'
import { Skeleton } from '../ui/Skeleton'
import { AccountStrip } from './AccountStrip'
import { Failing } from './Failing'
import { Navigation } from './Navigation'
import { PeriodControl } from './PeriodControl'
import { ROUTES } from './routes'
import { Session } from './Session'
import { SimulatedNotice } from './SimulatedNotice'

export function App() {
  const name = usePage()
  const client = useApolloClient()
  const { access, isSignedIn, signIn, signOut } = useSession()
  const again = () => void client.refetchQueries({ include: 'active' })
  const route = ROUTES.find((one) => one.name === name)
  const Content = route?.page ?? NoPage
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <Navigation current={route?.below ?? name}>
        {access === 'open' && <SimulatedNotice />}
        {isSignedIn && <Session signOut={() => void signOut()} />}
      </Navigation>
      <div className="column">
        <div className="toolbar">
          {access === 'open' && route?.usesPeriod && <PeriodControl />}
          {access === 'open' && <AccountStrip retry={again} />}
        </div>
        <main id="content" tabIndex={-1}>
          {access === 'open' ? (
            <Failing key={name}>
              <Suspense fallback={<Skeleton lines={6} what="the page" />}>
                <Content />
              </Suspense>
            </Failing>
          ) : (
            <SignIn access={access} signIn={signIn} />
          )}
        </main>
      </div>
    </div>
  )
}

const NoPage = () => (
  <Page title="Page not found">
    <EmptyState title="This address has no page." action={<Link href="./">Open the overview</Link>} />
  </Page>
)
