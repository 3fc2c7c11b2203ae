{{/* How Prometheus scrapes a pod. */}}
{{- define "sluice.endpoint" -}}
port: http
path: /metrics
interval: {{ .Values.metrics.interval }}
{{- with .Values.http.tls }}
{{- if .existingSecret }}
scheme: https
tlsConfig:
  {{- if .serverName }}
  serverName: {{ .serverName | quote }}
  ca:
    secret:
      name: {{ .existingSecret | quote }}
      key: ca.crt
  {{- else }}
  insecureSkipVerify: true
  {{- end }}
{{- end }}
{{- end }}
{{- end -}}
