package borep.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MeasurementTest {
    private static final double PEAK = 200;

    private static Measurement measured(final double peak, final double present) {
        final Stopwatch.Result time = Stopwatch.measure(() -> {}, new Stopwatch.Plan(0, 3, 1));
        return new Measurement(time, 1, 0, peak, present, 2, new ObjectMapper().createObjectNode(), Double.NaN);
    }

    @Test
    void threadsOnOneCoreAreDoubted() {
        final Optional<String> doubt = measured(PEAK, 104).doubt();
        assertTrue(doubt.orElse("").contains("52 % of the peak"), doubt::toString);
        assertEquals(Optional.empty(), measured(PEAK, 190).doubt());
    }

    @Test
    void aGpuHasNoCoresToDoubt() {
        final Measurement measurement = measured(Double.NaN, Double.NaN);
        assertEquals(Optional.empty(), measurement.doubt());
        final ObjectNode line = measurement.json();
        assertTrue(
                line.path("presentGflops").isNull() && line.path("peakGflops").isNull(), line::toString);
    }

    @Test
    void bothRatesAreTold() {
        final ObjectNode line = measured(PEAK, 104).json();
        assertEquals(PEAK, line.path("peakGflops").asDouble());
        assertEquals(104, line.path("presentGflops").asDouble());
    }
}
