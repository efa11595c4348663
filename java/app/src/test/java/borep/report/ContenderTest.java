package borep.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The numbers of a comparison, and its page. */
class ContenderTest {
    private static Contender.Curve curve(final double... values) {
        final double[] calls = {100, 200, 400};
        return new Contender.Curve(calls, new double[] {1, 2, 4}, values);
    }

    private static final Contender GOOD = new Contender("good", List.of(curve(.5, .7, .8), curve(.6, .8, .9)), 0);
    private static final Contender POOR = new Contender("poor", List.of(curve(.2, .3, .3)), 2);
    private static final Contender GONE = new Contender("gone", List.of(), 3);

    @Test
    void meansAndDeviations() {
        assertEquals(.85, GOOD.finalMean(), 1e-12);
        assertEquals(Math.sqrt(.005), GOOD.finalDeviation(), 1e-12);
        assertTrue(Double.isNaN(POOR.finalDeviation()));
        assertTrue(Double.isNaN(GONE.finalMean()));
    }

    @Test
    void areaIsTheMeanOverCalls() {
        assertEquals((100 * .25 + 200 * .3) / 300, POOR.area(), 1e-12);
    }

    @Test
    void callsToATarget() {
        assertEquals(200, GOOD.callsTo(.7), "the better of two is the lower median");
        assertEquals(400, new Contender("one", List.of(curve(.5, .7, .8)), 0).callsTo(.75));
        assertTrue(Double.isNaN(POOR.callsTo(.7)));
        assertEquals(.3, Contender.target(List.of(GOOD, POOR, GONE)));
    }

    @Test
    void thePageNamesEveryone(@TempDir final Path folder) throws Exception {
        final Path file = folder.resolve("index.html");
        Report.contest("hyper-cleaning", List.of(GOOD, POOR, GONE), file);
        final String page = Files.readString(file);
        assertTrue(page.contains("<b>") || page.contains("good ends highest"), page);
        for (final String expected :
                List.of("good", "poor", "gone", "85.0\u00a0%", "2 of 3", "3 of 3", "class=\"band c1")) {
            assertTrue(page.contains(expected), expected);
        }
        assertTrue(page.indexOf("class=\"band c2") < 0, "one run has no band");
    }
}
