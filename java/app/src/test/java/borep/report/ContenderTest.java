package borep.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The numbers of a comparison, and its page. */
class ContenderTest {
    private static final Criterion GAP =
            new Criterion("gap", "Φ(x) − Φ*", Criterion.Scale.LOGARITHMIC, Criterion.Better.LOWER);

    private static Contender.Curve curve(final double... values) {
        final double[] calls = {100, 200, 400};
        return new Contender.Curve(calls, new double[] {1, 2, 4}, values, .5);
    }

    private static Contender accuracies(
            final String name, final List<Contender.Curve> curves, final long... divergedAt) {
        return new Contender(
                name,
                Criterion.TEST_ACCURACY,
                curves,
                LongStream.of(divergedAt).boxed().toList());
    }

    private static final Contender GOOD = accuracies("good", List.of(curve(.5, .7, .8), curve(.6, .8, .9)));
    private static final Contender POOR = accuracies("poor", List.of(curve(.2, .3, .3)), 5, 5);
    private static final Contender GONE = accuracies("gone", List.of(), 2, 3, 9);

    @Test
    void meansAndDeviations() {
        assertEquals(.85, GOOD.finalMean(), 1e-12);
        assertEquals(Math.sqrt(.005), GOOD.finalDeviation(), 1e-12);
        assertTrue(Double.isNaN(POOR.finalDeviation()));
        assertTrue(Double.isNaN(GONE.finalMean()));
        assertEquals(4, GOOD.seconds());
        assertEquals(.5, GOOD.evaluationSeconds());
        assertEquals("0 of 2", GOOD.diverged());
        assertEquals("2 of 3, at step 5", POOR.diverged());
        assertEquals("3 of 3, at step 2 to 9", GONE.diverged());
    }

    /** On a logarithmic scale means are geometric, a deviation is a factor, and the target is reached from above. */
    @Test
    void smallerCanBeBetter() {
        final Contender fast =
                new Contender("fast", GAP, List.of(curve(1, 1e-3, 1e-6), curve(1, 1e-1, 1e-4)), List.of());
        final Contender slow = new Contender("slow", GAP, List.of(curve(1, .1, .1)), List.of());
        assertEquals(1e-5, fast.finalMean(), 1e-15);
        assertEquals(Math.pow(10, Math.sqrt(2)), fast.finalDeviation(), 1e-9);
        assertEquals(Math.pow(10, -(100 * .5 + 200 * 1) / 300.), slow.area(), 1e-12);
        assertEquals(200, fast.callsTo(1e-2), "the better of two is the lower median");
        assertTrue(Double.isNaN(slow.callsTo(1e-2)));
        assertEquals(.1, Contender.target(List.of(fast, slow)), 1e-12, "half of them or more reach it");
        assertEquals("10⁻⁵ ×/÷ 25.95", GAP.format(fast.finalMean(), fast.finalDeviation()));
    }

    @Test
    void areaIsTheMeanOverCalls() {
        assertEquals((100 * .25 + 200 * .3) / 300, POOR.area(), 1e-12);
    }

    @Test
    void callsToATarget() {
        assertEquals(200, GOOD.callsTo(.7), "the better of two is the lower median");
        assertEquals(400, accuracies("one", List.of(curve(.5, .7, .8))).callsTo(.75));
        assertTrue(Double.isNaN(POOR.callsTo(.7)));
        assertEquals(.3, Contender.target(List.of(GOOD, POOR, GONE)));
    }

    @Test
    void thePageNamesEveryone(@TempDir final Path folder) throws Exception {
        final Path file = folder.resolve("index.html");
        Report.contest("hyper-cleaning", List.of(GOOD, POOR, GONE), folder);
        final String page = Files.readString(file);
        assertTrue(page.contains("<b>") || page.contains("good ends highest"), page);
        for (final String expected :
                List.of("good", "poor", "gone", "85.0\u00a0%", "2 of 3, at step 5", "3 of 3", "class=\"band c1")) {
            assertTrue(page.contains(expected), expected);
        }
        assertTrue(page.indexOf("class=\"band c2") < 0, "one run has no band");
    }

    @Test
    void thePageOfALogarithmicCriterion(@TempDir final Path folder) throws Exception {
        final Path file = folder.resolve("index.html");
        final Contender slow = new Contender("slow", GAP, List.of(curve(1, .1, .1)), List.of());
        final Contender fast = new Contender("fast", GAP, List.of(curve(1, 1e-3, 1e-6)), List.of());
        Report.contest("cosh", List.of(slow, fast), folder);
        final String page = Files.readString(file);
        for (final String expected : List.of(
                "fast ends lowest, with Φ(x) − Φ* at", "Φ(x) − Φ* by oracle calls <small>logarithmic scale</small>")) {
            assertTrue(page.replaceAll("</?(strong|b)>", "").contains(expected), page);
        }
    }

    /** A document shows it without the page: well-formed, with its own looks, and nothing to point at. */
    @Test
    void theFigureStandsAlone(@TempDir final Path folder) throws Exception {
        Report.contest("hyper-cleaning", List.of(GOOD, POOR, GONE), folder);
        final Path file = folder.resolve("figure.svg");
        final NodeList paths = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(file.toFile())
                .getElementsByTagName("path");
        assertEquals(3, paths.getLength(), "two curves, one band: of two runs");
        final String outline = IntStream.range(0, 3)
                .mapToObj(i -> (Element) paths.item(i))
                .filter(path -> path.getAttribute("class").startsWith("band"))
                .map(path -> path.getAttribute("d"))
                .findFirst()
                .orElseThrow();
        assertFalse(outline.matches(".* 0[LZ].*"), "the axis has room for the band: " + outline);
        final String picture = Files.readString(file);
        for (final String expected : List.of(
                "Test accuracy by oracle calls, hyper-cleaning", "good <tspan>85.0\u00a0%", ".band {", "--c1:")) {
            assertTrue(picture.contains(expected), expected);
        }
        assertFalse(picture.contains("readings"), "an image does not answer");
        assertFalse(picture.contains("gone"), "every run of it diverged");
    }

    @Test
    void nothingArrivedNothingIsDrawn(@TempDir final Path folder) {
        Report.contest("hyper-cleaning", List.of(GONE), folder);
        assertTrue(Files.exists(folder.resolve("index.html")));
        assertFalse(Files.exists(folder.resolve("figure.svg")));
    }
}
