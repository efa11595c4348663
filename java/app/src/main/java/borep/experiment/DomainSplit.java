package borep.experiment;

import borep.data.Corpus;
import borep.data.Split;
import borep.device.Device;
import borep.kernel.Batch;
import borep.model.TextSet;
import borep.problem.Sampler;
import borep.problem.TextLevel;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The data of experiments with tasks: training and test domains are disjoint; in the training domains one half of the samples is for
 * support sets (lower level), the other for query sets (upper level), so that the upper level measures what the lower one has not
 * seen.
 */
final class DomainSplit {
    private final Device device;
    private final TextSettings settings;
    private final long seed;
    private final TextData data;
    private final List<String> domains;
    private final TextSet set;
    private final int[] support;
    private final int[] query;
    private final int[] test;
    private final Batch.Tasks supportTasks;
    private final Batch.Tasks queryTasks;
    private final Batch.Tasks testTasks;

    DomainSplit(final Device device, final TextSettings settings, final long seed, final TextData data) {
        this.device = device;
        this.settings = settings;
        this.seed = seed;
        this.data = data;
        final Corpus corpus = data.corpus();
        final TextSettings.Levels levels = settings.levels();
        final int perClass = (levels.lowerBatch() + levels.upperBatch() + data.classes() - 1) / data.classes();
        domains = corpus.domainsWith(perClass);
        final Split split = Split.ofDomains(corpus, domains, settings.text().toFractions(), seed);
        final int[] train = IntStream.concat(IntStream.of(split.train()), IntStream.of(split.validation()))
                .sorted()
                .toArray();
        test = split.test();
        final int[] labels = corpus.classes();
        final int[] domainOf = corpus.domainIndices();
        // every second sample of a (domain, class) goes to the query sets
        final int[] seen = new int[corpus.domains().size() * data.classes()];
        final boolean[] isQuery = new boolean[corpus.size()];
        for (final int place : train) {
            isQuery[place] = seen[domainOf[place] * data.classes() + labels[place]]++ % 2 == 1;
        }
        support = IntStream.of(train).filter(place -> !isQuery[place]).toArray();
        query = IntStream.of(train).filter(place -> isQuery[place]).toArray();
        final int[] all = IntStream.range(0, corpus.size()).toArray();
        set = data.set(all, labels);
        supportTasks = tasks(support, domainOf, labels);
        queryTasks = tasks(query, domainOf, labels);
        testTasks = tasks(test, domainOf, labels);
    }

    /** Tasks from these samples; domains without any are left out. */
    private Batch.Tasks tasks(final int[] places, final int[] domainOf, final int[] labels) {
        final int[] chosen = new int[labels.length];
        Arrays.fill(chosen, -1);
        final int[] dense = new int[data.corpus().domains().size()];
        Arrays.fill(dense, -1);
        int count = 0;
        for (final int place : places) {
            if (dense[domainOf[place]] < 0) {
                dense[domainOf[place]] = count++;
            }
            chosen[place] = dense[domainOf[place]];
        }
        return Sampler.group(device, chosen, labels, count, data.classes());
    }

    /** Support sets of the training domains. */
    TextLevel supportLevel() {
        return level(supportTasks, settings.levels().lowerBatch(), 0);
    }

    /** Query sets of the training domains. */
    TextLevel queryLevel() {
        return level(queryTasks, settings.levels().upperBatch(), 0);
    }

    /** Tasks of unseen domains: {@code skip} samples of each class's share are left to the support set. */
    TextLevel testLevel(final int batch, final int skip) {
        return level(testTasks, batch, skip);
    }

    private TextLevel level(final Batch.Tasks tasks, final int batch, final int skip) {
        return new TextLevel(
                set, Sampler.tasks(device, seed, tasks, settings.tasks().balanced(), skip), batch);
    }

    /** All samples of the training domains' support sets. */
    TextSet supportSet() {
        return data.set(support, data.labels(support));
    }

    /** All samples of the training domains' query sets. */
    TextSet querySet() {
        return data.set(query, data.labels(query));
    }

    /** All samples of the training domains. */
    TextSet trainSet() {
        final int[] train =
                IntStream.concat(IntStream.of(support), IntStream.of(query)).toArray();
        return data.set(train, data.labels(train));
    }

    /** All samples of the unseen domains. */
    TextSet testSet() {
        return data.set(test, data.labels(test));
    }

    int supportSize() {
        return support.length;
    }

    int querySize() {
        return query.length;
    }

    int testSize() {
        return test.length;
    }

    int trainDomains() {
        return supportTasks.domains();
    }

    int testDomains() {
        return testTasks.domains();
    }

    /** Facts for config.json. */
    void describe(final ObjectNode node) {
        node.put("trainDomains", trainDomains());
        node.put("testDomains", testDomains());
        node.put("train", supportSize());
        node.put("validation", querySize());
        node.put("test", testSize());
    }
}
