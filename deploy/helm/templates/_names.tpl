{{- define "invoicegraph.labels" -}}
{{ include "invoicegraph.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "invoicegraph.selector" -}}
app.kubernetes.io/name: invoicegraph
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
