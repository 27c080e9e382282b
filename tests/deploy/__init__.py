"""Files in deploy/: manifests, the chart, Compose and the proxies."""
