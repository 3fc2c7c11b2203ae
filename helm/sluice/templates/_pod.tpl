{{/* What the pods of both roles, and of the topics job, have in common. */}}

{{- define "sluice.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "sluice.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Variables and Secrets: dict "context" . "secrets" LIST "role" NAME. */}}
{{- define "sluice.environment" -}}
{{- $values := .context.Values -}}
env:
  - name: POD_NAME
    valueFrom:
      fieldRef:
        fieldPath: metadata.name
  {{- if eq .role "worker" }}
  # The same after each restart, and different in every namespace.
  - name: SLUICE_WORKER_SLOT
    value: {{ printf "%s.$(POD_NAME)" .context.Release.Namespace | quote }}
  {{- end }}
  {{- $processors := ternary "" (printf "-XX:ActiveProcessorCount=%d" (int .processors)) (eq .role "topics") }}
  {{- with (printf "%s %s" $processors $values.javaOptions | trim) }}
  - name: JDK_JAVA_OPTIONS
    value: {{ . | quote }}
  {{- end }}
  {{- if and $values.http.token.existingSecret (ne .role "topics") }}
  - name: SLUICE_HTTP_TOKEN
    valueFrom:
      secretKeyRef:
        name: {{ $values.http.token.existingSecret | quote }}
        key: {{ $values.http.token.key | quote }}
  {{- end }}
  {{- with $values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .secrets }}
envFrom:
  {{- range . }}
  - secretRef:
      name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Mounts of the configuration: dict "context" . "role" NAME. */}}
{{- define "sluice.mounts" -}}
{{- $values := .context.Values -}}
- name: config
  mountPath: /etc/sluice
  readOnly: true
- name: tmp
  mountPath: /tmp
{{- if $values.certificates.existingSecret }}
- name: certificates
  mountPath: /etc/sluice-certificates
  readOnly: true
{{- end }}
{{- if $values.http.tls.existingSecret }}
- name: http
  mountPath: /etc/sluice-http
  readOnly: true
{{- end }}
{{- with $values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Volumes of the configuration: dict "context" . "config" NAME-OF-CONFIGMAP. */}}
{{- define "sluice.volumes" -}}
{{- $values := .context.Values -}}
- name: config
  projected:
    sources:
      - configMap:
          name: {{ .config }}
          items:
            - key: sluice.yaml
              path: sluice.yaml
            {{- if $values.prices }}
            - key: prices.yaml
              path: prices.yaml
            {{- end }}
            {{- range $name, $files := $values.analyses }}
            {{- range $file, $_ := $files }}
            - key: {{ printf "analysis.%s.%s" $name $file }}
              path: {{ printf "analyses/%s/%s" $name $file }}
            {{- end }}
            {{- end }}
            {{- range $name, $files := $values.canaries }}
            {{- range $file, $_ := $files }}
            - key: {{ printf "canary.%s.%s" $name $file }}
              path: {{ printf "canaries/%s/%s" $name $file }}
            {{- end }}
            {{- end }}
# Only jcmd writes here.
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- with $values.certificates.existingSecret }}
- name: certificates
  secret:
    secretName: {{ . | quote }}
    # 0440
    defaultMode: 288
{{- end }}
{{- with $values.http.tls.existingSecret }}
- name: http
  secret:
    secretName: {{ . | quote }}
    # 0440
    defaultMode: 288
{{- end }}
{{- with $values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The data of the ConfigMap. */}}
{{- define "sluice.configData" -}}
sluice.yaml: |
  {{- include "sluice.config" . | nindent 2 }}
{{- with .Values.prices }}
prices.yaml: {{ . | toJson }}
{{- end }}
{{- range $name, $files := .Values.analyses }}
{{- range $file, $content := $files }}
{{ printf "analysis.%s.%s" $name $file }}: {{ $content | toJson }}
{{- end }}
{{- end }}
{{- range $name, $files := .Values.canaries }}
{{- range $file, $content := $files }}
{{ printf "canary.%s.%s" $name $file }}: {{ $content | toJson }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "sluice.probe" -}}
path: {{ .path }}
port: http
scheme: {{ ternary "HTTPS" "HTTP" (not (empty .context.Values.http.tls.existingSecret)) }}
{{- end -}}

{{/* The pod of a role: dict "context" . "role" NAME "settings" VALUES "secrets" LIST "grace" SECONDS. */}}
{{- define "sluice.pod" -}}
{{- $context := .context -}}
{{- $values := .context.Values -}}
metadata:
  labels:
    {{- include "sluice.selector" $context | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
    app.kubernetes.io/part-of: sluice
    sluice.dev/http: "true"
    {{- with merge (dict) $values.podLabels $values.commonLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    kubectl.kubernetes.io/default-container: sluice
    checksum/config: {{ include "sluice.checksum" $context }}
    {{- with $values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "sluice.serviceAccount" $context | quote }}
  automountServiceAccountToken: false
  # The variables of Services are not needed, and a namespace may have thousands.
  enableServiceLinks: false
  {{- with $values.imagePullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . | quote }}
    {{- end }}
  {{- end }}
  {{- with $values.priorityClassName }}
  priorityClassName: {{ . | quote }}
  {{- end }}
  terminationGracePeriodSeconds: {{ .grace }}
  securityContext:
    {{- include "sluice.podSecurity" $context | nindent 4 }}
  {{- with .settings.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .settings.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .settings.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  topologySpreadConstraints:
    {{- if .settings.topologySpreadConstraints }}
    {{- toYaml .settings.topologySpreadConstraints | nindent 4 }}
    {{- else }}
    {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "sluice.selector" $context | nindent 10 }}
          app.kubernetes.io/component: {{ $.role }}
    {{- end }}
    {{- end }}
  containers:
    - name: sluice
      image: {{ include "sluice.image" $context | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      args: [run, --roles, {{ .role }}]
      {{- include "sluice.environment" (dict "context" $context "secrets" .secrets "role" .role "processors" .settings.processors) | nindent 6 }}
      ports:
        - name: http
          containerPort: 8080
      # A start takes 8 s of CPU. Restoring the state does not count: the service is live meanwhile.
      startupProbe:
        httpGet:
          {{- include "sluice.probe" (dict "context" $context "path" "/health/live") | nindent 10 }}
        periodSeconds: 2
        timeoutSeconds: 5
        failureThreshold: 90
      livenessProbe:
        httpGet:
          {{- include "sluice.probe" (dict "context" $context "path" "/health/live") | nindent 10 }}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet:
          {{- include "sluice.probe" (dict "context" $context "path" "/health/ready") | nindent 10 }}
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 2
      resources:
        {{- toYaml .settings.resources | nindent 8 }}
      securityContext:
        {{- include "sluice.containerSecurity" $context | nindent 8 }}
      volumeMounts:
        - name: state
          mountPath: /var/lib/sluice
        {{- include "sluice.mounts" (dict "context" $context) | nindent 8 }}
  volumes:
    {{- include "sluice.volumes" (dict "context" $context "config" (include "sluice.fullname" $context)) | nindent 4 }}
{{- end -}}
