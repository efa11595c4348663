package borep.data;

import borep.device.Permutation;
import borep.device.Philox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which examples train, validate and test: disjoint places in the corpus, each ascending.
 *
 * <p>The choice depends on the corpus, the fractions and the seed only (Philox counters). It is stratified by label, on
 * wish by domain too. Examples with the same text (up to case and white space) stay together, so that no test text was
 * trained on.
 *
 * @param train      places of the training examples
 * @param validation places of the validation examples
 * @param test       places of the test examples
 */
public record Split(int[] train, int[] validation, int[] test) {
    private static final int PURPOSE = 0x53504c54; // "SPLT"

    /**
     * Shares of the whole.
     *
     * @param train      in (0, 1)
     * @param validation in (0, 1)
     * @param test       in (0, 1); the three add up to 1
     */
    public record Fractions(double train, double validation, double test) {
        /** 70 % to train, 10 % to validate, 20 % to test. */
        public static final Fractions DEFAULT = new Fractions(0.7, 0.1, 0.2);

        /** Checks the range. */
        public Fractions {
            if (!(train > 0 && validation > 0 && test > 0 && Math.abs(train + validation + test - 1) < 1e-9)) {
                throw new DataException("split " + train + "/" + validation + "/" + test
                        + ": must be three positive numbers that add up to 1; for example 0.7/0.1/0.2");
            }
        }

        /**
         * Reads {@code 0.7/0.1/0.2}.
         *
         * @param setting name of the setting, for messages
         */
        public static Fractions parse(final String setting, final String text) {
            final String[] parts = text.split("/");
            try {
                if (parts.length == Part.values().length) {
                    return new Fractions(
                            Double.parseDouble(parts[0]), Double.parseDouble(parts[1]), Double.parseDouble(parts[2]));
                }
            } catch (final NumberFormatException malformed) {
                // one message for every malformed text
            }
            throw new DataException(setting + " '" + text + "': must be three shares such as 0.7/0.1/0.2");
        }

        private double of(final Part part) {
            return switch (part) {
                case TRAIN -> train;
                case VALIDATION -> validation;
                case TEST -> test;
            };
        }
    }

    /**
     * Splits a corpus. A split that comes with the data is kept; a part that it lacks is taken from its training
     * examples (from its test examples if it has no training examples) in the given proportion.
     *
     * @param byDomain whether every domain is divided in the same proportion
     * @throws DataException if a class is missing from a part
     */
    public static Split of(final Corpus corpus, final Fractions fractions, final long seed, final boolean byDomain) {
        final Part[] parts = new Part[corpus.size()];
        if (corpus.parts().isEmpty()) {
            assign(corpus, parts, null, fractions, List.of(Part.values()), seed, byDomain);
        } else {
            for (int i = 0; i < parts.length; i++) {
                parts[i] = corpus.parts().get(i);
            }
            for (final Part missing : Part.values()) {
                if (!corpus.parts().contains(missing)) {
                    final Part donor = corpus.parts().contains(Part.TRAIN) ? Part.TRAIN : Part.TEST;
                    assign(corpus, parts, donor, fractions, List.of(donor, missing), seed, byDomain);
                }
            }
        }
        final Split split =
                new Split(places(parts, Part.TRAIN), places(parts, Part.VALIDATION), places(parts, Part.TEST));
        split.requireAllClasses(corpus, fractions);
        return split;
    }

    /**
     * Splits by domain: no domain is in two parts, so that validation and test measure what carries over to unseen
     * domains.
     *
     * @param domains which domains to divide; examples of others are in no part
     * @throws DataException if there are fewer than three
     */
    public static Split ofDomains(
            final Corpus corpus, final List<String> domains, final Fractions fractions, final long seed) {
        if (domains.size() < Part.values().length) {
            throw new DataException(corpus.name() + ": domains: there are " + domains.size()
                    + ", train, validation and test need at least one each; give data with 3 domains or more");
        }
        final List<String> order = new ArrayList<>(domains);
        final Map<String, Long> keys = new LinkedHashMap<>();
        for (int i = 0; i < domains.size(); i++) {
            keys.put(domains.get(i), Philox.bits(seed, -1, PURPOSE, i));
        }
        order.sort(Comparator.comparing(keys::get, Long::compareUnsigned));
        final int test = Math.max(1, (int) Math.round(fractions.test() * order.size()));
        final int validation = Math.max(1, (int) Math.round(fractions.validation() * order.size()));
        final Map<String, Part> partOf = new LinkedHashMap<>();
        for (int i = 0; i < order.size(); i++) {
            partOf.put(order.get(i), i < test ? Part.TEST : i < test + validation ? Part.VALIDATION : Part.TRAIN);
        }
        if (!partOf.containsValue(Part.TRAIN)) {
            partOf.put(order.get(order.size() - 1), Part.TRAIN);
        }
        final Part[] parts = new Part[corpus.size()];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = partOf.get(corpus.examples().get(i).domain());
        }
        final Split split =
                new Split(places(parts, Part.TRAIN), places(parts, Part.VALIDATION), places(parts, Part.TEST));
        split.requireAllClasses(corpus, fractions);
        return split;
    }

    /**
     * Splits samples of numbers, stratified by class. A split that comes with the data is kept; a part that it lacks is taken from its
     * training samples in the given proportion.
     *
     * @param most how many samples train and validate together, chosen at random; the rest is in no part; 0: all
     * @throws DataException if a part is empty
     */
    public static Split ofSamples(final Samples samples, final Fractions fractions, final int most, final long seed) {
        final Part[] parts = new Part[samples.size()];
        final boolean isValidationGiven = samples.parts().contains(Part.VALIDATION);
        final boolean isTestGiven = samples.parts().contains(Part.TEST);
        final List<List<Integer>> strata = new ArrayList<>();
        samples.classes().forEach(any -> strata.add(new ArrayList<>()));
        for (int i = 0; i < parts.length; i++) {
            parts[i] = samples.parts().isEmpty() ? null : samples.parts().get(i);
            if (parts[i] == null || parts[i] == Part.TRAIN && !isValidationGiven) {
                strata.get(samples.labels()[i]).add(i);
            }
        }
        final double whole = isTestGiven ? fractions.train() + fractions.validation() : 1;
        for (final List<Integer> stratum : strata) {
            stratum.sort(Comparator.comparing((Integer place) -> Philox.bits(seed, 0, PURPOSE, place)));
            for (int k = 0; k < stratum.size(); k++) {
                final double at = (k + 0.5) / stratum.size() * whole;
                parts[stratum.get(k)] = at < fractions.train()
                        ? Part.TRAIN
                        : at < fractions.train() + fractions.validation() ? Part.VALIDATION : Part.TEST;
            }
        }
        leaveOut(parts, most, seed);
        final Split split =
                new Split(places(parts, Part.TRAIN), places(parts, Part.VALIDATION), places(parts, Part.TEST));
        for (final Part part : Part.values()) {
            if (split.of(part).length == 0) {
                throw new DataException(
                        samples.name() + ": samples: " + samples.size() + " are too few for the split: the " + part
                                + " part (" + Math.round(100 * fractions.of(part)) + " %) got none; give more");
            }
        }
        return split;
    }

    /** Keeps so many of the samples that train and validate, each part in its proportion. */
    private static void leaveOut(final Part[] parts, final int most, final long seed) {
        final int both = places(parts, Part.TRAIN).length + places(parts, Part.VALIDATION).length;
        if (most == 0 || most >= both) {
            return;
        }
        for (final Part part : List.of(Part.TRAIN, Part.VALIDATION)) {
            final int[] places = places(parts, part);
            final int kept = (int) Math.round((double) most * places.length / both);
            final long key = Philox.bits(seed, 1, PURPOSE, part.ordinal());
            for (int k = kept; k < places.length; k++) {
                parts[places[Permutation.image(key, places.length, k)]] = null;
            }
        }
    }

    /** Divides the examples that are now in {@code donor} (null: in none) among some parts. */
    private static void assign(
            final Corpus corpus,
            final Part[] parts,
            final Part donor,
            final Fractions fractions,
            final List<Part> among,
            final long seed,
            final boolean byDomain) {
        double whole = 0;
        for (final Part part : among) {
            whole += fractions.of(part);
        }
        int stratum = 0;
        for (final List<List<Integer>> groups : EqualTexts.strata(corpus, i -> parts[i] == donor, byDomain)) {
            final long step = stratum++;
            groups.sort(Comparator.comparing((List<Integer> group) -> Philox.bits(seed, step, PURPOSE, group.get(0)))
                    .thenComparing(group -> group.get(0)));
            final int total = groups.stream().mapToInt(List::size).sum();
            int before = 0;
            for (final List<Integer> group : groups) {
                // the group goes where its middle falls on the line 0..total divided in proportion
                final double middle = (before + 0.5 * group.size()) / total * whole;
                double end = 0;
                Part chosen = among.get(among.size() - 1);
                for (final Part part : among) {
                    end += fractions.of(part);
                    if (middle < end) {
                        chosen = part;
                        break;
                    }
                }
                for (final int place : group) {
                    parts[place] = chosen;
                }
                before += group.size();
            }
        }
    }

    private static int[] places(final Part[] parts, final Part part) {
        final int[] places = new int[parts.length];
        int count = 0;
        for (int i = 0; i < parts.length; i++) {
            if (parts[i] == part) {
                places[count++] = i;
            }
        }
        return Arrays.copyOf(places, count);
    }

    private void requireAllClasses(final Corpus corpus, final Fractions fractions) {
        final int[] classes = corpus.classes();
        final int[] total = new int[corpus.labels().size()];
        for (final int c : classes) {
            total[c]++;
        }
        for (final Part part : Part.values()) {
            final int[] counts = new int[total.length];
            for (final int place : of(part)) {
                counts[classes[place]]++;
            }
            for (int c = 0; c < total.length; c++) {
                if (counts[c] == 0) {
                    throw new DataException(
                            corpus.name() + ": label \"" + corpus.labels().get(c) + "\": has " + total[c]
                                    + " examples, too few for the split: the " + part + " part ("
                                    + Math.round(100 * fractions.of(part))
                                    + " %) got none; give the class more examples or leave it out");
                }
            }
        }
    }

    /** The places of a part. */
    public int[] of(final Part part) {
        return switch (part) {
            case TRAIN -> train;
            case VALIDATION -> validation;
            case TEST -> test;
        };
    }
}
