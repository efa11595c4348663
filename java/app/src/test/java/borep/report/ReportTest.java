package borep.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.data.DataException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportTest {
    @TempDir
    private Path folder;

    private Path run;

    @BeforeEach
    void finishedRun() throws IOException {
        run = RunFixture.cleaning(folder.resolve("run"), 3);
    }

    @Test
    void theWholePageIsWellFormedAndNeedsNothingElse() throws Exception {
        final String page = page();
        final Document document = parse(page);
        assertEquals("html", document.getDocumentElement().getTagName());
        assertEquals(7, charts(document), "accuracy, losses, norms, residual, step size, precision, histogram");
        assertFalse(
                Pattern.compile("https?:|//|@import|url\\(|<script|<link|<img|src=")
                        .matcher(page)
                        .find(),
                "the page refers to something outside");
    }

    @Test
    void theHeadlineSaysTheNumbers() {
        assertEquals(
                List.of(
                        "Cleaning lifted test accuracy from 71.2 % to 86.4 %; with clean labels it would be 88.0 %.",
                        "Of the 400 samples with the lowest weights 93.0 % were truly mislabelled."),
                headline());
    }

    @Test
    void theHeadlineIsHonestAboutALoss() throws IOException {
        summary("""
                {"status": "finished", "accuracyWithoutCleaning": 0.8, "accuracyCleaned": 0.75}""");
        assertEquals(List.of("Cleaning lowered test accuracy from 80.0 % to 75.0 %."), headline());
        summary("""
                {"status": "finished", "accuracyWithoutCleaning": 0.8, "accuracyCleaned": 0.80001}""");
        assertEquals(List.of("Cleaning left test accuracy at 80.0 %."), headline());
    }

    @Test
    void theHeadlineOfOtherProblems() throws IOException {
        config("hyper-representation");
        summary("""
                {"status": "finished", "accuracy": 0.812, "accuracyDirect": 0.771}""");
        assertEquals(
                List.of("The learned representation reaches 81.2 % test accuracy, 4.1 points more than training without"
                        + " meta-learning (77.1 %)."),
                headline());
        config("hyperparameter");
        summary("""
                {"status": "stopped", "steps": 1, "accuracy": 0.76, "bestGridAccuracy": 0.77,
                 "coefficient": 3.1e-4}""");
        assertEquals(
                List.of(
                        "The learned coefficient 3.1·10⁻⁴ reaches 76.0 % test accuracy, 1.0 point less than the best"
                                + " point of a fixed grid (77.0 %).",
                        "The run was stopped after 1 step; 'borep run --resume' continues it."),
                headline());
    }

    @Test
    void textsAreEscaped() throws Exception {
        RunFixture.write(run, "suspicious.jsonl", """
                {"rank":1,"weight":0.01,"label":1,"trueLabel":0,"flipped":true,\
                "text":"<script>alert('&')</script>\\u0000\\ud800\\"","origin":"<i>"}
                """);
        final String page = page();
        final String safe = "&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;\ufffd\ufffd&quot;";
        assertTrue(page.contains(safe), "not escaped");
        assertTrue(page.contains("✗ truly <b>negative</b>"), "labels are written as class names");
        parse(page);
    }

    @Test
    void aCutOffLastLineIsLeftOut() throws IOException {
        final String whole = "{\"step\":0,\"testAccuracy\":0.5}\n{\"step\":1,\"testAccuracy\":0.6}\n";
        for (final String rest :
                List.of("", "{\"step\":2,\"testAccu", "{\"step\":2,\"testAccuracy\":0.7", "{", "\n", "{\"é")) {
            RunFixture.write(run, "trace.jsonl", whole + rest);
            final Curve curve = Run.read(run).trace().curve("testAccuracy");
            assertEquals(2, curve.size(), "after '" + rest + "'");
            assertEquals(0.6, curve.last());
        }
        RunFixture.write(run, "trace.jsonl", whole + "{\"step\":2,\"testAccuracy\":0.7}");
        assertEquals(0.7, Run.read(run).trace().last("testAccuracy"), "only the line end is missing");
    }

    @Test
    void aBrokenLineIsNamedAndTheEarlierPageKept() throws IOException {
        Report.write(run);
        final String earlier = page();
        broken("trace.jsonl", "{\"step\":0}\n{\"step\":1,\n{\"step\":2}\n", ":2: is not a whole JSON object: ");
        broken("trace.jsonl", "{\"step\":0}\n{\"step\":1} {}\n{\"step\":2}\n", ":2: is not a whole JSON object: ");
        broken("trace.jsonl", "{\"step\":0}\n\n[3]\n", ":3: must be one JSON object; repair or delete this line");
        broken("trace.jsonl", "{\"step\":0}\n{\"seconds\":1}\n", ":2: step: every line needs this number");
        broken("trace.jsonl", "{\"step\":5}\n{\"step\":4}\n", ":2: step 4: must not be less than on the line before");
        broken("trace.jsonl", "{\"step\":5,\"upperLoss\":\"low\"}\n", ":1: upperLoss \"low\": must be a number");
        broken("suspicious.jsonl", "{\"text\":\"a\"}\n", ":1: weight : every line needs this number");
        broken("summary.json", "{\n\"status\": }", ":2: is not valid JSON: ");
        broken("summary.json", "{\"accuracyCleaned\": \"good\"}", ": accuracyCleaned \"good\": must be a number");
        broken("weights.json", "{\"edges\":[0,1],\"flipped\":[1,2],\"clean\":[1]}", ": has 2 edges, 2 flipped, 1 ");
        broken("config.json", "[]", ":1: must be one JSON object");
        assertEquals(earlier, Files.readString(run.resolve("report.html")));
        try (Stream<Path> files = Files.list(run)) {
            assertTrue(files.noneMatch(file -> file.toString().endsWith(".tmp")), "a temporary file was left");
        }
    }

    @Test
    void whatMustBeThereIsNamed() throws IOException {
        Files.delete(run.resolve("trace.jsonl"));
        assertEquals(
                run.resolve("trace.jsonl") + ": does not exist; give a directory that 'borep run' wrote"
                        + " (it holds config.json and trace.jsonl)",
                assertThrows(DataException.class, () -> Report.write(run)).getMessage());
        final Path nowhere = folder.resolve("absent/page.html");
        final Path other = RunFixture.cleaning(folder.resolve("other"), 4);
        assertEquals(
                nowhere + ": cannot be written: its directory does not exist; create it first",
                assertThrows(DataException.class, () -> Report.write(other, nowhere))
                        .getMessage());
        assertTrue(assertThrows(DataException.class, () -> Report.write(other, folder))
                .getMessage()
                .contains("is a directory"));
    }

    @Test
    void aRunThatHasJustBegunHasAPage() throws Exception {
        for (final String file : List.of(
                "summary.json", "weights.json", "suspicious.jsonl", "baseline-noisy.jsonl", "baseline-clean.jsonl")) {
            Files.delete(run.resolve(file));
        }
        RunFixture.write(run, "trace.jsonl", "");
        final String page = page();
        assertEquals(0, charts(parse(page)));
        assertTrue(page.contains("No step has been recorded yet."));
        RunFixture.write(run, "config.json", "{}");
        parse(page());
        RunFixture.write(run, "trace.jsonl", "{\"step\":0,\"seconds\":0,\"upperLoss\":1,\"testAccuracy\":0.5}\n");
        assertEquals(2, charts(parse(page())), "accuracy and losses of a single step");
        assertEquals("So far solver reaches 50.0 % test accuracy.", headline().getFirst());
    }

    @Test
    void aDivergedRunShowsUntilWhere() throws Exception {
        RunFixture.write(run, "trace.jsonl", """
                {"step":0,"upperLoss":1,"hypergradientNorm":2}
                {"step":1,"upperLoss":1e30,"hypergradientNorm":0}
                {"step":2,"upperLoss":NaN,"hypergradientNorm":"Infinity"}
                {"step":3,"upperLoss":null,"hypergradientNorm":-Infinity}
                """);
        summary("{\"status\":\"diverged\",\"steps\":3}");
        final String page = page();
        assertTrue(page.contains("The run diverged after 3 steps"));
        assertFalse(page.contains(">NaN") || page.contains("NaN "), "a coordinate is not a number");
        parse(page);
    }

    @Test
    void furtherKeysAreDrawnIfTheyAreNumbers() throws Exception {
        RunFixture.write(run, "trace.jsonl", """
                {"step":0,"phase":"warm-up","radius":1.5,"gradientCalls":{"upper":1}}
                {"step":1,"phase":"main","radius":null,"gradientCalls":{"upper":2}}
                {"step":2,"phase":"main","radius":0.5,"gradientCalls":{"upper":3}}
                """);
        final String page = page();
        assertTrue(page.contains("<h3>Radius</h3>"));
        assertFalse(page.contains("<h3>Phase</h3>") || page.contains("<h3>Gradient calls</h3>"));
    }

    @Test
    void aLongTraceStaysSmall() throws Exception {
        RunFixture.write(run, "trace.jsonl", RunFixture.trace(1, 20_000, 0.9));
        final String page = page();
        assertTrue(page.length() < 450_000, page.length() + " characters");
        final Pattern path = Pattern.compile("class=\"line[^>]* d=\"([^\"]*)\"");
        assertTrue(path.matcher(page).results().count() >= 10);
        path.matcher(page).results().forEach(d -> {
            final long points =
                    d.group(1).chars().filter(c -> c == 'M' || c == 'L').count();
            assertTrue(points <= LineChart.POINTS, points + " points in one curve");
        });
    }

    @Test
    void aComparisonSaysWhatDiffers() throws Exception {
        final Path second = RunFixture.cleaning(folder.resolve("second"), 4);
        final Path page = Report.compare(List.of(run, second), folder.resolve("both.html"));
        final String repeated = Files.readString(page);
        parse(repeated);
        assertTrue(plain(repeated).contains("Over 2 repetitions test accuracy is 86.4 ± 0.0 %."), "headline");
        assertTrue(repeated.contains("<code>seed</code>"));
        assertFalse(repeated.contains("<code>solver</code>"), "equal settings are left out");

        RunFixture.write(second, "summary.json", "{\"status\":\"finished\",\"accuracyCleaned\":0.9}");
        config("hyper-cleaning");
        final String different = Files.readString(Report.compare(List.of(run, second), folder.resolve("both.html")));
        parse(different);
        assertTrue(plain(different)
                .contains("second reaches the highest test accuracy, 90.0 %; the lowest is 86.4 % (run)."));
        assertFalse(different.contains("mean ± sd"), "a mean over different settings");
    }

    @Test
    void spreadIsTheSampleStandardDeviation() {
        assertEquals("50.0\u00a0±\u00a010.0\u00a0%", ComparisonPage.shares(0.4, 0.5, 0.6));
    }

    private List<String> headline() {
        return Headline.of(Run.read(run)).stream()
                .map(s -> s.replace('\u00a0', ' '))
                .toList();
    }

    private void broken(final String file, final String text, final String message) throws IOException {
        final String whole = Files.readString(run.resolve(file));
        RunFixture.write(run, file, text);
        final String found =
                assertThrows(DataException.class, () -> Report.write(run)).getMessage();
        assertTrue(found.startsWith(run.resolve(file) + message), found);
        assertFalse(found.contains("\n"), "more than one line");
        RunFixture.write(run, file, whole);
    }

    private void config(final String problem) throws IOException {
        RunFixture.write(run, "config.json", "{\"problem\": \"" + problem + "\", \"solver\": \"bo-rep\"}");
    }

    private void summary(final String text) throws IOException {
        RunFixture.write(run, "summary.json", text);
    }

    private String page() throws IOException {
        return Files.readString(Report.write(run));
    }

    private static String plain(final String page) {
        return page.replaceAll("</?strong>", "").replace('\u00a0', ' ');
    }

    private static Document parse(final String page) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(page)));
    }

    private static long charts(final Document document) {
        final NodeList all = document.getElementsByTagName("svg");
        return IntStream.range(0, all.getLength())
                .filter(i -> ((Element) all.item(i)).getAttribute("class").equals("chart"))
                .count();
    }
}
