import { useApolloClient } from '@apollo/client/react'
import { Suspense } from 'react'
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

export function App() {
  const name = usePage()
  const client = useApolloClient()
  const again = () => void client.refetchQueries({ include: 'active' })
  const route = ROUTES.find((one) => one.name === name)
  const Content = route?.page ?? NoPage
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <Navigation current={route?.below ?? name} />
      <div className="column">
        <div className="toolbar">
          {route?.usesPeriod && <PeriodControl />}
          <AccountStrip retry={again} />
        </div>
        <main id="content" tabIndex={-1}>
          <SignIn onEntered={again} />
          <Failing key={name}>
            <Suspense fallback={<Skeleton lines={6} what="the page" />}>
              <Content />
            </Suspense>
          </Failing>
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
