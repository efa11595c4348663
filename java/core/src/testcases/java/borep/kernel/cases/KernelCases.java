package borep.kernel.cases;

import borep.device.Device;
import borep.kernel.Dense;
import borep.kernel.Pooling;
import borep.kernel.Recurrent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Family × shapes × masks, each with the path it is there for and how far float32 may be off. */
public final class KernelCases {
    private KernelCases() {}

    /**
     * One run of a kernel family.
     *
     * @param name  the path it takes
     * @param ulps  units in the last place of each output's largest number, times √{@code terms}, that float32 may be
     *              off
     * @param terms most terms of a sum behind one number
     * @param run   fills inputs from a seed, calls the kernels and returns every array they may have touched
     */
    public record Case(String name, double ulps, int terms, Function<Device, Map<String, double[]>> run) {
        /** Largest error relative to an output's largest number. */
        public double tolerance() {
            return ulps * Math.sqrt(terms) * 0x1p-24;
        }
    }

    /** Which optional arguments a sweep gets. */
    enum Wanted {
        ALL,
        NO_GRADIENT,
        NO_INPUT_COTANGENT,
        NO_DIRECTION,
        NO_INPUT_TANGENT,
        NOTHING_MOVES
    }

    /** Every case, with inputs from this seed. */
    public static List<Case> all(final long seed) {
        final List<Case> cases = new ArrayList<>();
        recurrent(cases, seed);
        dense(cases, seed);
        pooling(cases, seed);
        cases.add(new Case("loss: 2 classes", 4, 4, device -> KernelRun.loss(device, 5, 2, seed)));
        cases.add(new Case("loss: 40 classes", 4, 40, device -> KernelRun.loss(device, 17, 40, seed)));
        cases.add(new Case("loss: 1 class", 4, 1, device -> KernelRun.loss(device, 3, 1, seed)));
        cases.add(new Case("update: below one vector", 8, 3, device -> KernelRun.update(device, 3, seed)));
        cases.add(new Case("update: a tail", 8, 1001, device -> KernelRun.update(device, 1001, seed)));
        cases.add(new Case(
                "update: many blocks, several cores", 8, 70_001, device -> KernelRun.update(device, 70_001, seed)));
        cases.add(new Case("batch: one normal number", 16, 1, device -> KernelRun.normal(device, 1, seed)));
        cases.add(new Case("batch: normal numbers", 16, 1, device -> KernelRun.normal(device, 5003, seed)));
        sparse(cases, seed);
        return cases;
    }

    private static void sparse(final List<Case> cases, final long seed) {
        add(cases, "sparse: one number", new int[] {1, 1, 1}, 1, seed);
        add(cases, "sparse: one output, empty rows and columns", new int[] {9, 70, 1}, 3, seed);
        add(cases, "sparse: below one vector of outputs", new int[] {31, 17, 10}, 9, seed);
        add(cases, "sparse: outputs with a tail", new int[] {12, 23, 37}, 9, seed);
        add(cases, "sparse: one output, several cores", new int[] {700, 90, 1}, 120, seed);
        add(cases, "sparse: ten outputs, several cores", new int[] {300, 90, 10}, 60, seed);
    }

    /** @param sizes n, d, O */
    private static void add(
            final List<Case> cases, final String name, final int[] sizes, final int mostInRow, final long seed) {
        cases.add(new Case(
                name,
                8,
                sizes[0] + sizes[1],
                device -> KernelRun.sparse(device, sizes[0], sizes[1], sizes[2], mostInRow, seed)));
    }

    private static void recurrent(final List<Case> cases, final long seed) {
        for (final Recurrent.Cell cell : Recurrent.Cell.values()) {
            for (final boolean reverse : new boolean[] {false, true}) {
                final String kind = "recurrent " + cell + (reverse ? " reversed: " : ": ");
                add(cases, kind + "one number, one step", new Recurrent.Shape(cell, 1, 1, reverse), seed, 1);
                add(cases, kind + "one step", new Recurrent.Shape(cell, 5, 32, reverse), seed, 1, 1, 1);
                add(
                        cases,
                        kind + "padded units, ragged",
                        new Recurrent.Shape(cell, 7, 19, reverse),
                        seed,
                        3,
                        9,
                        1,
                        0,
                        5,
                        5,
                        2);
                add(
                        cases,
                        kind + "whole panels, ragged",
                        new Recurrent.Shape(cell, 20, 64, reverse),
                        seed,
                        6,
                        6,
                        5,
                        5,
                        4,
                        3,
                        2,
                        1,
                        1,
                        1,
                        1,
                        1,
                        1,
                        0,
                        0);
                add(
                        cases,
                        kind + "several cores, dense",
                        new Recurrent.Shape(cell, 33, cell == Recurrent.Cell.LSTM ? 96 : 192, reverse),
                        seed,
                        filled(29, 3));
                add(
                        cases,
                        kind + "samples on several cores, ragged",
                        new Recurrent.Shape(cell, 11, 70, reverse),
                        seed,
                        ragged(61));
                final int width = cell == Recurrent.Cell.LSTM ? 64 : 128; // enough for a device to look for equal rows
                final Recurrent.Shape wide = new Recurrent.Shape(cell, width, width, reverse);
                add(cases, kind + "words that come again, several cores", wide, seed, 40, ragged(61));
                add(cases, kind + "nothing but empty sequences", new Recurrent.Shape(cell, 4, 8, reverse), seed, 0, 0);
            }
            for (final Wanted wanted : Wanted.values()) {
                final Recurrent.Shape shape = new Recurrent.Shape(cell, 9, 32, false);
                cases.add(new Case(
                        "recurrent " + cell + ": " + wanted,
                        24,
                        9 + 32 + 16,
                        device -> KernelRun.recurrent(device, shape, new int[] {4, 4, 3, 1}, 12, wanted, seed)));
            }
            final Recurrent.Shape deep = new Recurrent.Shape(cell, 530, 32, false); // more than one block of depth
            add(cases, "recurrent " + cell + ": two blocks of depth", deep, seed, 2, 2, 1);
        }
    }

    private static void add(
            final List<Case> cases,
            final String name,
            final Recurrent.Shape shape,
            final long seed,
            final int... lengths) {
        add(cases, name, shape, seed, Math.max(1, Arrays.stream(lengths).sum()), lengths);
    }

    private static void add(
            final List<Case> cases,
            final String name,
            final Recurrent.Shape shape,
            final long seed,
            final int words,
            final int[] lengths) {
        final int terms = shape.input() + shape.gateRows() + Arrays.stream(lengths).sum() + 1;
        cases.add(new Case(
                name, 24, terms, device -> KernelRun.recurrent(device, shape, lengths, words, Wanted.ALL, seed)));
    }

    /** Lengths from 0 to 6. */
    private static int[] ragged(final int count) {
        final int[] lengths = new int[count];
        Arrays.setAll(lengths, i -> i * i % 7);
        return lengths;
    }

    private static int[] filled(final int count, final int length) {
        final int[] lengths = new int[count];
        Arrays.fill(lengths, length);
        return lengths;
    }

    private static void dense(final List<Case> cases, final long seed) {
        for (final boolean tanh : new boolean[] {false, true}) {
            final String kind = tanh ? "dense tanh: " : "dense: ";
            add(cases, kind + "one number", new Dense.Shape(1, 1, tanh), 1, seed);
            add(cases, kind + "no rows", new Dense.Shape(3, 4, tanh), 0, seed);
            add(cases, kind + "one row, a tail that ends where memory does", new Dense.Shape(20, 32, tanh), 1, seed);
            add(cases, kind + "whole panels, whole tiles", new Dense.Shape(64, 64, tanh), 24, seed);
            add(cases, kind + "tails everywhere", new Dense.Shape(67, 45, tanh), 29, seed);
            add(cases, kind + "two blocks of depth, several cores", new Dense.Shape(600, 130, tanh), 31, seed);
            add(cases, kind + "rows in odd and even numbers of vectors", new Dense.Shape(300, 41, tanh), 50, seed);
            add(cases, kind + "many rows, several cores", new Dense.Shape(70, 90, tanh), 530, seed);
            add(cases, kind + "more rows than a block of tiles", new Dense.Shape(10, 33, tanh), 263, seed);
            for (final Wanted wanted : Wanted.values()) {
                cases.add(new Case(
                        kind + wanted,
                        8,
                        20,
                        device -> KernelRun.dense(device, new Dense.Shape(20, 6, tanh), 7, wanted, seed)));
            }
        }
    }

    private static void add(
            final List<Case> cases, final String name, final Dense.Shape shape, final int rows, final long seed) {
        cases.add(new Case(
                name,
                8,
                shape.input() + shape.output() + rows,
                device -> KernelRun.dense(device, shape, rows, Wanted.ALL, seed)));
    }

    private static void pooling(final List<Case> cases, final long seed) {
        for (final Pooling.Mode mode : Pooling.Mode.values()) {
            cases.add(new Case(
                    "pooling " + mode + ": ragged, one empty",
                    4,
                    6,
                    device -> KernelRun.pooling(device, mode, 37, new int[] {2, 6, 0, 1, 6}, seed)));
            cases.add(new Case(
                    "pooling " + mode + ": one step",
                    4,
                    1,
                    device -> KernelRun.pooling(device, mode, 1, new int[] {1}, seed)));
            cases.add(new Case(
                    "pooling " + mode + ": several cores",
                    4,
                    9,
                    device -> KernelRun.pooling(
                            device, mode, 520, new int[] {9, 8, 9, 4, 7, 9, 9, 1, 9, 9, 9, 9, 9, 9, 9, 9}, seed)));
        }
    }
}
