package dev.sluice.app.submit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.app.client.RequestIdentity;
import dev.sluice.app.submit.source.Columns;
import dev.sluice.app.submit.source.Item;
import dev.sluice.app.submit.source.Sources;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.CacheUse;
import dev.sluice.contract.Priority;
import dev.sluice.contract.WhenOverBudget;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubmissionTest {
    private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");

    private static final AnalysisDefinition SEO =
            AnalysisCatalog.load(Optional.empty()).find("seo").orElseThrow();

    @TempDir private Path folder;

    @Test
    void sameSubmissionTwiceIsTheSameRequestsWhereverItsRowsHaveMoved() throws Exception {
        Set<RequestIdentity> first = identities("text\nred\nblue\nred\n");
        Set<RequestIdentity> moved = identities("text\nnew\nred\nred\nblue\n");

        assertThat(first).as("the same content twice is two requests").hasSize(3);
        assertThat(moved).hasSize(4).containsAll(first);
    }

    @Test
    void idsDependOnSourceContentAnalysisAndItsVersion() {
        RequestIds ids = new RequestIds("seo", "v1", false);
        String id = ids.of(item("a.html", "text"), "ann");

        assertThat(id).hasSize(32).matches("[0-9a-f]+");
        assertThat(new RequestIds("seo", "v1", false).of(item("a.html", "text"), "ann"))
                .isEqualTo(id);
        assertThat(new RequestIds("seo", "v2", false).of(item("a.html", "text"), "ann"))
                .isNotEqualTo(id);
        assertThat(new RequestIds("other", "v1", false).of(item("a.html", "text"), "ann"))
                .isNotEqualTo(id);
        assertThat(new RequestIds("seo", "v1", false).of(item("b.html", "text"), "ann"))
                .isNotEqualTo(id);
        assertThat(new RequestIds("seo", "v1", false).of(item("a.html", "texts"), "ann"))
                .isNotEqualTo(id);
        assertThat(new RequestIds("seo", "v1", true).of(item("a.html", "text"), "ann"))
                .isNotEqualTo(id);
    }

    @Test
    void equalContentsOfSeveralUsersAreCountedApart() throws Exception {
        Set<RequestIdentity> both = identities("user,text\nann,red\nbob,red\n");
        Set<RequestIdentity> bob = identities("user,text\nbob,red\n");

        assertThat(both).hasSize(2).containsAll(bob);
    }

    @Test
    void runIsNamedAfterItsRequests() throws Exception {
        String run = check("text\na\nb\n", options(Optional.of("ann"))).runId();

        assertThat(run).matches("submit-[0-9a-f]{12}");
        assertThat(check("text\na\nb\n", options(Optional.of("ann"))).runId()).isEqualTo(run);
        assertThat(check("text\na\nc\n", options(Optional.of("ann"))).runId()).isNotEqualTo(run);
        assertThat(check("text\na\nb\n", options(Optional.of("bob"))).runId()).isNotEqualTo(run);
    }

    @Test
    void itemsThatAdmissionWouldDenyAreProblems() throws Exception {
        Submission submission =
                check(
                        "id,user,text\n1,,fine\n2,bob,\" \"\n1,,same\n1,bob,fine\n3,\"a\tb\",fine\n",
                        options(Optional.of("ann")));

        assertThat(submission.planned())
                .extracting(one -> one.identity().userId() + one.identity().requestId())
                .containsExactly("ann1", "bob1");
        assertThat(submission.problems())
                .extracting(Submission.Problem::toString)
                .containsExactly(
                        "rows.csv:2: content is empty",
                        "rows.csv:3: has the same id as rows.csv:1: 1",
                        "rows.csv:5: userId has control characters");
        assertThat(check("text\nfine\n", options(Optional.empty())).problems())
                .extracting(Submission.Problem::toString)
                .containsExactly("rows.csv:1: names no user; --user says who pays");
    }

    @Test
    void requestsHaveWhatWasAskedFor() throws Exception {
        Submission submission =
                check("text,lang\na,de\n\" \",de\nb,en\n", options(Optional.of("ann")));

        List<AnalysisRequest> requests = read(submission);

        assertThat(requests).hasSize(2);
        AnalysisRequest request = requests.getFirst();
        assertThat(request.getUserId().toString()).isEqualTo("ann");
        assertThat(request.getAnalysis().toString()).isEqualTo("seo");
        assertThat(request.getContent().toString()).isEqualTo("a");
        assertThat(request.getAttributes()).isEqualTo(Map.of("tenant", "t", "lang", "de"));
        assertThat(request.getPriority()).isEqualTo(Priority.BULK);
        assertThat(request.getCache()).isEqualTo(CacheUse.BYPASS);
        assertThat(request.getWhenOverBudget()).isEqualTo(WhenOverBudget.WAIT);
        assertThat(request.getSubmittedAt()).isEqualTo(NOW);
        assertThat(request.getDeadline()).isEqualTo(NOW.plus(Duration.ofHours(3)));
        assertThat(request.getRunId().toString()).isEqualTo(submission.runId());
    }

    @Test
    void sourceThatIsChangedAfterItsCheckIsReported() throws Exception {
        Submission submission = check("text\na\nb\n", options(Optional.of("ann")));
        Files.writeString(folder.resolve("rows.csv"), "text\na\nc\n");

        assertThatThrownBy(() -> read(submission))
                .hasMessage("rows.csv:2 was changed while it was submitted");
        Files.writeString(folder.resolve("rows.csv"), "text\na\n");
        assertThatThrownBy(() -> read(submission))
                .hasMessage("rows.csv:2 was changed while it was submitted");
    }

    private Set<RequestIdentity> identities(String csv) throws Exception {
        Set<RequestIdentity> identities = new java.util.HashSet<>();
        check(csv, options(Optional.of("ann")))
                .planned()
                .forEach(one -> identities.add(one.identity()));
        return identities;
    }

    private Submission check(String csv, RequestOptions options)
            throws IOException, InterruptedException {
        Files.writeString(folder.resolve("rows.csv"), csv);
        Columns columns =
                new Columns(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        csv.startsWith("text,lang") ? Set.of("lang") : Set.of());
        Sources sources =
                Sources.open(
                        List.of(folder.resolve("rows.csv").toString()),
                        InputStream.nullInputStream(),
                        new Sources.Reading(
                                Optional.empty(),
                                columns,
                                StandardCharsets.UTF_8,
                                Optional.empty()));
        return Submission.check(sources, SEO, options, InstantSource.fixed(NOW));
    }

    private static List<AnalysisRequest> read(Submission submission)
            throws IOException, InterruptedException {
        List<AnalysisRequest> requests = new ArrayList<>();
        submission.read((index, request) -> {
            assertThat(index).isEqualTo(requests.size());
            requests.add(request);
        });
        return requests;
    }

    private static RequestOptions options(Optional<String> user) {
        return new RequestOptions(
                user,
                Priority.BULK,
                CacheUse.BYPASS,
                WhenOverBudget.WAIT,
                Optional.of(Duration.ofHours(3)),
                Map.of("tenant", "t"),
                Optional.empty(),
                false);
    }

    private static Item item(String source, String content) {
        return new Item(
                source,
                java.util.OptionalLong.empty(),
                Optional.empty(),
                Optional.empty(),
                content,
                Map.of());
    }
}
