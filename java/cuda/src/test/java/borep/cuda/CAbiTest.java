package borep.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import borep.device.Ints;
import borep.device.Reals;
import borep.device.Schedule;
import borep.kernel.Batch;
import borep.kernel.Packing;
import borep.kernel.Recurrent;
import borep.kernel.Rows;
import borep.kernel.Sequences;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Java's side of the C ABI is the header's, function by function and byte by byte: what changes on one side alone fails here. */
@SuppressWarnings("restricted") // reads what C would read
class CAbiTest {
    /** How a C compiler lays out a field. */
    private record Place(long offset, long bytes) {}

    @Test
    void everyFunctionIsBoundAsItIsDeclared() {
        try (CudaDevice device = Emulated.open()) {
            final Map<String, Object> declared = new TreeMap<>(new Header().functions());
            assertTrue(declared.size() >= 70, declared.size() + " functions");
            assertEquals(
                    declared.toString().replace(", borep", ",\nborep"),
                    new TreeMap<>(device.bindings().bound()).toString().replace(", borep", ",\nborep"));
        }
    }

    /** Java writes known numbers into each struct; they are read where a C compiler says that they lie. */
    @Test
    void everyStructIsWrittenWhereCReadsIt(@TempDir final Path folder) {
        final Map<String, List<String>> declared = new Header().structs();
        final Map<String, Map<String, Place>> places = places(declared, new HostCompiler(folder));
        try (CudaDevice device = Emulated.open();
                Arena arena = Arena.ofConfined()) {
            final Map<String, Written> written = written(device, arena);
            assertEquals(declared.keySet(), written.keySet(), "every struct of borep.h must be checked here");
            written.forEach((struct, w) -> {
                final Map<String, Place> fields = places.get(struct);
                final Map<String, Number> found = new LinkedHashMap<>();
                for (final String field : declared.get(struct)) {
                    if (!field.equals("reserved")) {
                        found.put(
                                field,
                                read(w.address(), fields.get(field), w.fields().get(field)));
                    }
                }
                assertEquals(w.fields(), found, struct);
                if (w.bytes() != 0) {
                    assertEquals(fields.get("").bytes(), w.bytes(), "size of " + struct);
                }
            });
        }
    }

    /**
     * What Java has written.
     *
     * @param bytes how many Java takes one to have; 0: it need not know
     */
    private record Written(long address, long bytes, Map<String, Number> fields) {}

    private static Number read(final long address, final Place place, final Number like) {
        final MemorySegment field =
                MemorySegment.ofAddress(address + place.offset()).reinterpret(place.bytes());
        if (like instanceof Double) {
            return field.get(JAVA_DOUBLE.withByteAlignment(1), 0);
        }
        return place.bytes() == 4
                ? (Number) (long) field.get(JAVA_INT.withByteAlignment(1), 0)
                : (Number) field.get(JAVA_LONG.withByteAlignment(1), 0);
    }

    /** A C program that prints where each field of each struct lies; "" is the struct itself. */
    private static Map<String, Map<String, Place>> places(
            final Map<String, List<String>> structs, final HostCompiler compiler) {
        final StringBuilder program =
                new StringBuilder("#include <stddef.h>\n#include <stdio.h>\n#include \"borep.h\"\nint main(void) {\n");
        structs.forEach((struct, fields) -> {
            program.append("printf(\"%s  0 %zu\\n\", \"")
                    .append(struct)
                    .append("\", sizeof(")
                    .append(struct)
                    .append("));\n");
            for (final String field : fields) {
                program.append("printf(\"%s %s %zu %zu\\n\", \"")
                        .append(struct)
                        .append("\", \"")
                        .append(field);
                program.append("\", offsetof(")
                        .append(struct)
                        .append(", ")
                        .append(field)
                        .append("), sizeof(((");
                program.append(struct).append(" *)0)->").append(field).append("));\n");
            }
        });
        final String include = "-I" + Header.PATH.getParent();
        final Map<String, Map<String, Place>> places = new HashMap<>();
        compiler.output(program.append("return 0; }\n").toString(), "-std=c99", "-Wall", "-Werror", include)
                .lines()
                .map(line -> line.split(" ", -1))
                .forEach(words -> places.computeIfAbsent(words[0], _ -> new HashMap<>())
                        .put(words[1], new Place(Long.parseLong(words[2]), Long.parseLong(words[3]))));
        return places;
    }

    private static Map<String, Number> fields(final Object... pairs) {
        final Map<String, Number> fields = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            fields.put(
                    (String) pairs[i],
                    pairs[i + 1] instanceof Integer number ? (Number) number.longValue() : (Number) pairs[i + 1]);
        }
        return fields;
    }

    // spotless:off
    private static Map<String, Written> written(final CudaDevice device, final Arena arena) {
        final Reals reals = device.reals(60);
        final Ints[] ints = new Ints[5];
        final long[] i = new long[ints.length];
        for (int k = 0; k < ints.length; k++) {
            ints[k] = device.ints(10 + k);
            i[k] = ((CudaInts) ints[k]).address();
        }
        final long r = ((CudaReals) reals).address();
        final Map<String, Written> all = new LinkedHashMap<>();
        all.put("borep_rows", rows(new Structs(device, arena), reals));
        all.put("borep_vector", second(
                Structs.vectors(arena, device, List.of(reals.slice(3, 7), reals.slice(4, 8))), fields("values", r + 16, "size", 8)));
        all.put("borep_packing", new Written(
                new Structs(device, arena).packing(new Packing(ints[0], ints[1], ints[2], ints[3], ints[4])), 0,
                fields("shape", i[0], "order", i[1], "lengths", i[2], "step_sizes", i[3], "step_starts", i[4],
                        "max_batch", 11, "max_steps", 13)));
        all.put("borep_statistics", statistics(arena));
        final MemorySegment launch =
                Structs.launch(arena, new UserKernel.Size(new int[] {2, 3, 4}, new int[] {5, 6, 7}, 8));
        all.put("borep_launch", new Written(launch.address(), launch.byteSize(),
                fields("grid[0]", 2, "grid[1]", 3, "grid[2]", 4, "block[0]", 5, "block[1]", 6, "block[2]", 7, "shared", 8)));
        all.put("borep_argument", second(
                Structs.arguments(arena, List.of(UserKernel.Argument.of(device, 0, 1L), UserKernel.Argument.of(device, 1, -2))),
                fields("bits", Integer.toUnsignedLong(-2), "size", 4)));
        all.put("borep_product", product(new Structs(device, arena), reals));
        final MemorySegment options = Structs.sweepOptions(arena, CudaDevice.Sweeps.PERSISTENT);
        all.put("borep_sweep_options", new Written(options.address(), options.byteSize(),
                fields("size", 24, "path", 2, "weights", 0, "slices", 0, "parts", 0, "samples", 0)));
        all.put("borep_recurrent_shape", new Written(
                new Structs(device, arena).shape(new Recurrent.Shape(Recurrent.Cell.TANH_RNN, 5, 6, true)), 0,
                fields("cell", 1, "input", 5, "hidden", 6, "reverse", 1)));
        all.put("borep_schedule", new Written(
                new Structs(device, arena).schedule(new Schedule(Schedule.Kind.POWER, .5, 7, .25)), 0,
                fields("kind", 2, "initial", .5, "period", 7, "factor", .25)));
        all.put("borep_stream", new Written(
                new Structs(device, arena).stream(new Batch.Stream(1L << 40, 3, 4)), 0,
                fields("seed", 1L << 40, "purpose", 3, "lane", 4)));
        all.put("borep_tasks", new Written(
                new Structs(device, arena).tasks(new Batch.Tasks(ints[0], ints[1], 5)), 0,
                fields("members", i[0], "starts", i[1], "members_size", 10, "domains", 2, "classes", 5)));
        all.put("borep_sequences", new Written(
                new Structs(device, arena).sequences(new Sequences(ints[0], ints[2], ints[1], reals, 5)), 0,
                fields("tokens", i[0], "starts", i[2], "lengths", i[1], "table", r, "count", 11, "width", 5)));
        all.put("borep_sparse", new Written(
                new Structs(device, arena).sparse(new CudaSparse.Numbers(ints[0], ints[1], reals, 9, 4)), 0,
                fields("starts", i[0], "places", i[1], "values", r, "rows", 9, "columns", 4)));
        return all;
    }
    // spotless:on

    /** The second of two, so that Java's size of one shows. */
    private static Written second(final MemorySegment two, final Map<String, Number> fields) {
        final long bytes = two.byteSize() / 2;
        return new Written(two.address() + bytes, bytes, fields);
    }

    /** Likewise. */
    private static Written rows(final Structs structs, final Reals reals) {
        structs.begin();
        final long first = structs.rows(reals, 6);
        final long second = structs.rows(new Rows(reals, 4, 10, 2));
        return new Written(
                second, second - first, fields("values", ((CudaReals) reals).address() + 8, "width", 4, "stride", 10));
    }

    private static Written product(final Structs structs, final Reals reals) {
        final long at = ((CudaReals) reals).address();
        final CudaProducts.Product product = new CudaProducts.Product(
                CudaProducts.Form.OUTER,
                3,
                new Rows(reals, 2, 5, 1),
                new Rows(reals, 4, 6, 2),
                new Rows(reals, 4, 7, 3),
                true);
        final Map<String, Number> fields = fields("size", 88, "form", 2);
        fields.putAll(fields("a.values", at + 4, "a.width", 2, "a.stride", 5));
        fields.putAll(fields("b.values", at + 8, "b.width", 4, "b.stride", 6));
        fields.putAll(fields("c.values", at + 12, "c.width", 4, "c.stride", 7));
        fields.putAll(fields("count", 0, "a_map", 0, "b_map", 0, "rows", 3, "accumulate", 1));
        return new Written(structs.product(product), 0, fields);
    }

    /** The other way: Java reads what C writes. */
    private static Written statistics(final Arena arena) {
        final MemorySegment counts = Structs.newStatistics(arena);
        final List<String> names = new ArrayList<>();
        for (final var component : CudaDevice.Statistics.class.getRecordComponents()) {
            names.add(component.getName());
        }
        for (long i = 8; i < counts.byteSize(); i++) {
            counts.set(JAVA_BYTE, i, (byte) i);
        }
        final CudaDevice.Statistics read = Structs.statistics(counts);
        final long[] values = {
            read.kernels(), read.replays(), read.launches(), read.synchronisations(), read.allocations(), read.bytes()
        };
        final Map<String, Number> fields = new LinkedHashMap<>();
        fields.put("size", counts.byteSize());
        for (int i = 0; i < values.length; i++) {
            fields.put(names.get(i), values[i]);
        }
        return new Written(counts.address(), counts.byteSize(), fields);
    }
}
