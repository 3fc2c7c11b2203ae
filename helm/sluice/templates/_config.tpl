{{/* The configuration, and what is wrong with it. */}}

{{/* The content of sluice.yaml. */}}
{{- define "sluice.config" -}}
# Made by Helm. A change restarts the pods.
kafka:
  bootstrap.servers: {{ .Values.kafka.bootstrapServers | quote }}
  {{- with .Values.kafka.settings }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
schema-registry:
  schema.registry.url: {{ .Values.registry.url | quote }}
  {{- with .Values.registry.settings }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
topics.prefix: {{ .Values.topics.prefix | quote }}
topics.partitions: {{ int .Values.topics.partitions }}
topics.replicas: {{ int .Values.topics.replicas }}
admission.standbys: {{ min (int .Values.admission.standbys) (sub (int .Values.admission.replicas) 1) }}
worker.grace: {{ int .Values.worker.graceSeconds }}s
{{- if .Values.analyses }}
analyses.dir: /etc/sluice/analyses
{{- end }}
{{- range $name, $_ := .Values.canaries }}
analyses.canaries.{{ $name }}.dir: /etc/sluice/canaries/{{ $name }}
{{- end }}
{{- if .Values.prices }}
prices.file: /etc/sluice/prices.yaml
{{- end }}
{{- if .Values.http.tls.existingSecret }}
http.tls.certificate: /etc/sluice-http/tls.crt
http.tls.key: /etc/sluice-http/tls.key
{{- end }}
{{- with .Values.config }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What the pods' files are made from: pods restart when it changes. */}}
{{- define "sluice.checksum" -}}
{{- printf "%s%s%s%s" (include "sluice.config" .) .Values.prices (toJson .Values.analyses) (toJson .Values.canaries) | sha256sum -}}
{{- end -}}

{{/*
The keys of a map with nested maps, as dotted keys, one a line: list PREFIX MAP.
Lists are entered, too, because deployments have keys.
*/}}
{{- define "sluice.keys" -}}
{{- $prefix := index . 0 -}}
{{- $value := index . 1 -}}
{{- if kindIs "map" $value -}}
{{- range $key, $child := $value -}}
{{ include "sluice.keys" (list (printf "%s.%s" $prefix $key) $child) }}
{{- end -}}
{{- else if kindIs "slice" $value -}}
{{- range $i, $child := $value -}}
{{ include "sluice.keys" (list (printf "%s[%d]" $prefix $i) $child) }}
{{- end -}}
{{- else -}}
{{ $prefix }}{{ "\n" }}
{{- end -}}
{{- end -}}

{{/* All problems that values.schema.json cannot see, one a line. */}}
{{- define "sluice.problems" -}}
{{- $byChart := dict
    "topics.prefix" "use topics.prefix"
    "topics.partitions" "use topics.partitions"
    "topics.replicas" "use topics.replicas"
    "admission.standbys" "use admission.standbys"
    "worker.grace" "use worker.graceSeconds"
    "http.host" "pods listen on all addresses"
    "http.port" "pods listen on 8080"
    "http.token" "use http.token.existingSecret"
    "http.tls.certificate" "use http.tls.existingSecret"
    "http.tls.key" "use http.tls.existingSecret"
    "admission.state-dir" "it is the volume of admission.storage"
    "worker.slot" "it is the namespace and the name of the pod" -}}
{{- if not .Values.image.repository }}
image.repository is missing: build the image (docs/OPERATIONS.md), push it to your registry, and name it here
{{- end }}
{{- if not .Values.kafka.bootstrapServers }}
kafka.bootstrapServers is missing: name the brokers, such as kafka-bootstrap.kafka:9092
{{- end }}
{{- if not .Values.registry.url }}
registry.url is missing: name the schema registry, such as http://registry.kafka:8081
{{- end }}
{{- if not (regexMatch "^[a-z]" (include "sluice.fullname" .)) }}
the release's name {{ .Release.Name }} does not begin with a letter, as names of Services must: set fullnameOverride
{{- end }}
{{- range $key := list "kafka" "schema-registry" }}
{{- if hasKey $.Values.config $key }}
config.{{ $key }} is set by the chart: use {{ ternary "kafka.settings" "registry.settings" (eq $key "kafka") }}
{{- end }}
{{- end }}
{{- if regexMatch `://[^/"@ ]*@` (toJson .Values.config) }}
config has an address with a password, and a ConfigMap is no place for it: put the address into a Secret as an environment variable (docs/CONFIGURATION.md), and name that Secret in existingSecrets
{{- end }}
{{- if regexMatch "(?i)(password|secret|token)" .Values.javaOptions }}
javaOptions may hold a secret, and java prints its options at each start: no option may hold one, so use a setting of Sluice with a Secret of existingSecrets
{{- end }}
{{- $keys := concat (splitList "\n" (include "sluice.keys" (list "worker.autoscaling.settings" .Values.worker.autoscaling.settings))) (splitList "\n" (include "sluice.keys" (list "config" .Values.config)))
    (splitList "\n" (include "sluice.keys" (list "kafka.settings" .Values.kafka.settings)))
    (splitList "\n" (include "sluice.keys" (list "registry.settings" .Values.registry.settings))) }}
{{- range $keys }}
{{- if and (regexMatch "(?i)(password|secret|jaas\\.config|api-?key|token|user\\.info|keystore\\.key|request\\.header\\..*(auth|token|key|secret|password).*)$" .) (not (regexMatch "^config\\.(budgets|rates)\\." .)) }}
{{ . }} may be a secret, and a ConfigMap is no place for it: put it into a Secret as an environment variable (docs/CONFIGURATION.md), and name that Secret in existingSecrets
{{- end }}
{{- $key := trimPrefix "config." . }}
{{- if ne $key . }}
{{- if hasKey $byChart $key }}
{{ . }} is set by the chart: {{ get $byChart $key }}
{{- else if and (regexMatch "^(kafka|schema-registry)\\." $key) (not (or (hasKey $.Values.config "kafka") (hasKey $.Values.config "schema-registry"))) }}
{{ . }} is set by the chart: use {{ ternary "kafka.settings" "registry.settings" (hasPrefix "kafka." $key) }}
{{- else if and $.Values.analyses (eq $key "analyses.dir") }}
{{ . }} and analyses exclude each other
{{- else if and $.Values.canaries (regexMatch "^analyses\\.canaries\\..*\\.dir$" $key) }}
{{ . }} and canaries exclude each other
{{- else if and $.Values.prices (eq $key "prices.file") }}
{{ . }} and prices exclude each other
{{- end }}
{{- end }}
{{- end }}
{{- if hasKey .Values.kafka.settings "bootstrap.servers" }}
kafka.settings.bootstrap.servers is set by the chart: use kafka.bootstrapServers
{{- end }}
{{- if hasKey .Values.registry.settings "schema.registry.url" }}
registry.settings.schema.registry.url is set by the chart: use registry.url
{{- end }}
{{- if regexMatch "://[^/]*@" .Values.registry.url }}
registry.url has a password: set basic.auth.credentials.source to USER_INFO in registry.settings, and SLUICE_SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO in a Secret of existingSecrets
{{- end }}
{{- range $kind := list "analyses" "canaries" }}
{{- range $name, $files := get $.Values $kind }}
{{- range $file := list "analysis.yaml" "output.schema.json" }}
{{- if not (hasKey $files $file) }}
{{ $kind }}.{{ $name }} has no {{ $file }} (docs/ANALYSES.md)
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if gt (add (len (toJson .Values.analyses)) (len (toJson .Values.canaries))) 1000000 }}
analyses and canaries are larger than a ConfigMap may be (1 MiB): mount them with extraVolumes, and set config.analyses.dir
{{- end }}
{{- $partitions := int .Values.topics.partitions }}
{{- if gt (int .Values.admission.replicas) $partitions }}
admission.replicas is {{ .Values.admission.replicas }}, but {{ $partitions }} partitions (topics.partitions) cannot be shared by more instances than that
{{- end }}
{{- if .Values.worker.autoscaling.enabled }}
{{- if gt (int .Values.worker.autoscaling.maxReplicas) $partitions }}
worker.autoscaling.maxReplicas is {{ .Values.worker.autoscaling.maxReplicas }}, but {{ $partitions }} partitions (topics.partitions) cannot be shared by more workers than that
{{- end }}
{{- if gt (int .Values.worker.autoscaling.minReplicas) (int .Values.worker.autoscaling.maxReplicas) }}
worker.autoscaling.minReplicas is {{ .Values.worker.autoscaling.minReplicas }}, more than maxReplicas ({{ .Values.worker.autoscaling.maxReplicas }})
{{- end }}
{{- if not .Values.worker.autoscaling.models }}
worker.autoscaling.models is missing: name the models whose jobs are to count (docs/CONFIGURATION.md, models)
{{- end }}
{{- range $setting := list "bootstrapServers" "consumerGroup" "topic" "lagThreshold" "offsetResetPolicy" }}
{{- if hasKey $.Values.worker.autoscaling.settings $setting }}
worker.autoscaling.settings.{{ $setting }} is set by the chart
{{- end }}
{{- end }}
{{- else if gt (int .Values.worker.replicas) $partitions }}
worker.replicas is {{ .Values.worker.replicas }}, but {{ $partitions }} partitions (topics.partitions) cannot be shared by more workers than that
{{- end }}
{{- if and .Values.http.token.existingSecret (not .Values.http.tls.existingSecret) }}
http.token.existingSecret needs http.tls.existingSecret: without TLS, everyone on the way could read the token
{{- end }}
{{- if and .Values.metrics.podMonitor.enabled .Values.metrics.serviceMonitor.enabled }}
metrics.podMonitor and metrics.serviceMonitor are both enabled: every pod would be scraped twice; enable one
{{- end }}
{{- $ownVariables := list "POD_NAME" "JDK_JAVA_OPTIONS" "SLUICE_WORKER_SLOT" "SLUICE_WORKER_GRACE" "SLUICE_HTTP_HOST" "SLUICE_HTTP_PORT" "SLUICE_HTTP_TOKEN" "SLUICE_TOPICS_PREFIX" "SLUICE_TOPICS_PARTITIONS" "SLUICE_TOPICS_REPLICAS" "SLUICE_ADMISSION_STANDBYS" "SLUICE_ADMISSION_STATE_DIR" "SLUICE_KAFKA_BOOTSTRAP_SERVERS" "SLUICE_SCHEMA_REGISTRY_SCHEMA_REGISTRY_URL" -}}
{{- range .Values.extraEnv }}
{{- if has .name $ownVariables }}
extraEnv has {{ .name }}, which is set by the chart
{{- else if and (hasKey . "value") (regexMatch "(?i)(password|secret|jaas|api_?key|token|user_info|_KEY)" .name) }}
extraEnv has {{ .name }} with a value that may be a secret: use valueFrom, or a Secret of existingSecrets
{{- end }}
{{- end }}
{{- end -}}
