{{- define "oriel.labels" -}}
app.kubernetes.io/name: oriel
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
