package borep.solver;

import borep.problem.BilevelProblem;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** The registry: every solver by the name the command line knows. A new solver is one file and one line here. */
public final class Solvers {
    /** Makes a solver of one kind. */
    @FunctionalInterface
    private interface Factory<R extends Record> {
        Solver create(BilevelProblem problem, R settings, long seed);
    }

    /**
     * One kind of solver.
     *
     * @param name     for example {@code bo-rep}
     * @param paper    authors, title, venue, year
     * @param problems the class of problems that its analysis assumes
     * @param calls    oracle calls until E ‖∇Φ‖ ≤ ε by that analysis; Õ leaves logarithms out
     * @param oracles  what it asks of a problem in one iteration
     * @param defaults its settings record with the default values
     */
    public record Kind(String name, String paper, String problems, String calls, String oracles, Record defaults) {
        /** The default settings as name-value texts. */
        public SequencedMap<String, String> settings() {
            return Hyperparameters.describe(defaults);
        }
    }

    private record Entry<R extends Record>(Kind kind, Factory<R> factory) {
        Solver create(final BilevelProblem problem, final Map<String, String> values, final long seed) {
            @SuppressWarnings("unchecked")
            final R defaults = (R) kind.defaults();
            return factory.create(problem, Hyperparameters.with(defaults, values), seed);
        }
    }

    private static final List<Entry<?>> ENTRIES = List.of(
            new Entry<BoRepSettings>(
                    new Kind(
                            "bo-rep",
                            "Hao, Gong, Liu: Bilevel Optimization under Unbounded Smoothness, ICLR 2024",
                            "f (L0, L1)-smooth, g strongly convex",
                            "Õ(ε⁻⁴)",
                            "1 ∇_y f, 1 ∇_x f, 1 ∇²_yy g·z, 1 ∇²_xy g·z; every I-th iteration N ∇_y g",
                            BoRepSettings.DEFAULT),
                    BoRep::new),
            new Entry<Slip.Settings>(
                    new Kind(
                            "slip",
                            "Gong, Hao, Liu: A Nearly Optimal Single Loop Algorithm for Stochastic Bilevel Optimization under Unbounded Smoothness, ICML 2024",
                            "f (L0, L1)-smooth, g strongly convex",
                            "Õ(ε⁻⁴)",
                            "1 ∇_y g, 1 ∇²_yy g·z, 1 ∇²_xy g·z, 1 ∇_y f, 1 ∇_x f",
                            Slip.Settings.DEFAULT),
                    Slip::new),
            new Entry<AccBo.Settings>(
                    new Kind(
                            "accbo",
                            "Gong, Hao, Liu: An Accelerated Algorithm for Stochastic Bilevel Optimization under Unbounded Smoothness, NeurIPS 2024",
                            "f (L0, L1)-smooth, g strongly convex, mean-squared smooth",
                            "Õ(ε⁻³) where the noise of ∇_y g is O(ε)",
                            "2 ∇_y f, 2 ∇_x f, 2Q ∇²_yy g·z, 2 ∇²_xy g·z, 1 ∇_y g",
                            AccBo.Settings.ACCBO),
                    AccBo::new),
            new Entry<AdamBo.Settings>(
                    new Kind(
                            "adambo",
                            "Gong, Hao, Liu: Convergence of Adam under Unbounded Smoothness, arXiv 2503.03908",
                            "f (L0, L1)-smooth, g strongly convex",
                            "Õ(ε⁻⁴)",
                            "1 ∇_y f, 1 ∇_x f, Q ∇²_yy g·z, 1 ∇²_xy g·z, 1 ∇_y g",
                            AdamBo.Settings.DEFAULT),
                    AdamBo::new),
            new Entry<AccBo.Settings>(
                    new Kind(
                            "vr-adambo",
                            "Gong, Hao, Liu: arXiv 2503.03908, first version",
                            "f (L0, L1)-smooth, g strongly convex, mean-squared smooth",
                            "Õ(ε⁻³)",
                            "2 ∇_y f, 2 ∇_x f, 2Q ∇²_yy g·z, 2 ∇²_xy g·z, 1 ∇_y g",
                            AccBo.Settings.VR_ADAMBO),
                    AccBo::new),
            new Entry<UniBio.Settings>(
                    new Kind(
                            "unibio",
                            "Wu, Gong, Hao, Liu: Bilevel Optimization with Lower-Level Uniform Convexity, ICLR 2026",
                            "f (L0, L1)-smooth, g uniformly convex of exponent p",
                            "Õ(ε^(−5p+6))",
                            "1 ∇_y f, 1 ∇_x f, 1 ∇²_yy g·z, 1 ∇²_xy g·z; every I-th iteration Σ T_s ∇_y g",
                            UniBio.Settings.DEFAULT),
                    UniBio::new),
            new Entry<StocBio.Settings>(
                    new Kind(
                            "stocbio",
                            "Ji, Yang, Liang: Bilevel Optimization: Convergence Analysis and Enhanced Design, ICML 2021",
                            "f L-smooth, g strongly convex",
                            "Õ(ε⁻⁴)",
                            "D ∇_y g, 1 ∇_y f, 1 ∇_x f, Q ∇²_yy g·z, 1 ∇²_xy g·z",
                            StocBio.Settings.STOCBIO),
                    StocBio::new),
            new Entry<StocBio.Settings>(
                    new Kind(
                            "ttsa",
                            "Hong, Wai, Wang, Yang: A Two-Timescale Stochastic Algorithm Framework, SIAM J. Optimization 2023",
                            "f L-smooth, g strongly convex",
                            "ε⁻⁵",
                            "1 ∇_y g, 1 ∇_y f, 1 ∇_x f, fewer than Q ∇²_yy g·z, 1 ∇²_xy g·z",
                            StocBio.Settings.TTSA),
                    StocBio::new),
            new Entry<Bsa.Settings>(
                    new Kind(
                            "bsa",
                            "Ghadimi, Wang: Approximation Methods for Bilevel Programming, 2018",
                            "f L-smooth, g strongly convex",
                            "ε⁻⁴ ∇_y f, ε⁻⁶ ∇_y g",
                            "⌈√(k+1)⌉ ∇_y g, 1 ∇_y f, 1 ∇_x f, fewer than Q ∇²_yy g·z, 1 ∇²_xy g·z",
                            Bsa.Settings.DEFAULT),
                    Bsa::new),
            new Entry<Soba.Settings>(
                    new Kind(
                            "soba",
                            "Dagréou, Ablin, Vaiter, Moreau: A framework for bilevel optimization, NeurIPS 2022",
                            "f L-smooth, g strongly convex, derivatives of higher order bounded",
                            "ε⁻⁴",
                            "1 ∇_y g, 1 ∇²_yy g·z, 1 ∇²_xy g·z, 1 ∇_y f, 1 ∇_x f",
                            Soba.Settings.SOBA),
                    Soba::new),
            new Entry<Soba.Settings>(
                    new Kind(
                            "ma-soba",
                            "Chen, Xiao, Balasubramanian: Optimal Algorithms for Stochastic Bilevel Optimization, 2023",
                            "f L-smooth, g strongly convex",
                            "ε⁻⁴",
                            "1 ∇_y g, 1 ∇²_yy g·z, 1 ∇²_xy g·z, 1 ∇_y f, 1 ∇_x f",
                            Soba.Settings.MA_SOBA),
                    Soba::new),
            new Entry<Saba.Settings>(
                    new Kind(
                            "saba",
                            "Dagréou, Ablin, Vaiter, Moreau: A framework for bilevel optimization, NeurIPS 2022",
                            "finite sums, f L-smooth, g strongly convex",
                            "N^(2/3) ε⁻²",
                            "1 ∇_y g, 1 ∇²_yy g·z, 1 ∇²_xy g·z, 1 ∇_y f, 1 ∇_x f; once all batches",
                            Saba.Settings.DEFAULT),
                    Saba::new),
            new Entry<Srba.Settings>(
                    new Kind(
                            "srba",
                            "Dagréou, Moreau, Vaiter, Ablin: A Lower Bound and a Near-Optimal Algorithm for Bilevel Empirical Risk Minimization, AISTATS 2024",
                            "finite sums, f L-smooth, g strongly convex",
                            "√N ε⁻²",
                            "2 ∇_y g, 2 ∇²_yy g·z, 2 ∇²_xy g·z, 2 ∇_y f, 2 ∇_x f; every q-th iteration all batches",
                            Srba.Settings.DEFAULT),
                    Srba::new),
            new Entry<Sustain.Settings>(
                    new Kind(
                            "sustain",
                            "Khanduri, Zeng, Hong, Wai, Wang, Yang: A Near-Optimal Algorithm via Double-Momentum, NeurIPS 2021",
                            "f L-smooth, g strongly convex, mean-squared smooth",
                            "Õ(ε⁻³)",
                            "2 ∇_y g, 2 ∇_y f, 2 ∇_x f, fewer than 2Q ∇²_yy g·z, 2 ∇²_xy g·z",
                            Sustain.Settings.SUSTAIN),
                    Sustain::new),
            new Entry<Sustain.Settings>(
                    new Kind(
                            "mrbo",
                            "Yang, Ji, Liang: Provably Faster Algorithms for Bilevel Optimization, NeurIPS 2021",
                            "f L-smooth, g strongly convex, mean-squared smooth",
                            "Õ(ε⁻³)",
                            "2 ∇_y g, 2 ∇_y f, 2 ∇_x f, 2Q ∇²_yy g·z, 2 ∇²_xy g·z",
                            Sustain.Settings.MRBO),
                    Sustain::new),
            new Entry<Vrbo.Settings>(
                    new Kind(
                            "vrbo",
                            "Yang, Ji, Liang: Provably Faster Algorithms for Bilevel Optimization, NeurIPS 2021",
                            "f L-smooth, g strongly convex, mean-squared smooth",
                            "Õ(ε⁻³)",
                            "m + 1 times: 2 ∇_y g, 2 ∇_y f, 2 ∇_x f, 2Q ∇²_yy g·z, 2 ∇²_xy g·z; every q-th iteration a large batch",
                            Vrbo.Settings.DEFAULT),
                    Vrbo::new),
            new Entry<F2sa.Settings>(
                    new Kind(
                            "f2sa",
                            "Kwon, Kwon, Wright, Nowak: A Fully First-Order Method for Stochastic Bilevel Optimization, ICML 2023",
                            "f L-smooth, g strongly convex",
                            "ε⁻⁷; ε⁻⁵ with noise in f alone, ε⁻³ without",
                            "2T ∇_y g, T ∇_y f, 1 ∇_x f, 2 ∇_x g",
                            F2sa.Settings.DEFAULT),
                    F2sa::new),
            new Entry<F3sa.Settings>(
                    new Kind(
                            "f3sa",
                            "Kwon, Kwon, Wright, Nowak: A Fully First-Order Method for Stochastic Bilevel Optimization, ICML 2023",
                            "f L-smooth, g strongly convex, mean-squared smooth",
                            "ε⁻⁵; ε⁻⁴ with noise in f alone, ε⁻³ without",
                            "4 ∇_y g, 2 ∇_y f, 2 ∇_x f, 4 ∇_x g",
                            F3sa.Settings.DEFAULT),
                    F3sa::new),
            new Entry<Amigo.Settings>(
                    new Kind(
                            "amigo-gd",
                            "Arbel, Mairal: Amortized Implicit Differentiation for Stochastic Bilevel Optimization, ICLR 2022",
                            "f L-smooth, g strongly convex",
                            "ε⁻⁴; ε⁻² without noise",
                            "T ∇_y g, 1 ∇_y f, 1 ∇_x f, N ∇²_yy g·z, 1 ∇²_xy g·z",
                            Amigo.Settings.GD),
                    Amigo::new),
            new Entry<Amigo.Settings>(
                    new Kind(
                            "amigo-cg",
                            "Arbel, Mairal: Amortized Implicit Differentiation for Stochastic Bilevel Optimization, ICLR 2022",
                            "f L-smooth, g strongly convex",
                            "ε⁻⁴; ε⁻² without noise",
                            "T ∇_y g, 1 ∇_y f, 1 ∇_x f, N + 1 ∇²_yy g·z, 1 ∇²_xy g·z",
                            Amigo.Settings.CG),
                    Amigo::new),
            new Entry<Amigo.Settings>(
                    new Kind(
                            "aid-fp",
                            "Grazzi, Franceschi, Pontil, Salzo: On the Iteration Complexity of Hypergradient Computation, ICML 2020",
                            "without noise, f L-smooth, g strongly convex",
                            "ε⁻²",
                            "T ∇_y g, 1 ∇_y f, 1 ∇_x f, N ∇²_yy g·z, 1 ∇²_xy g·z",
                            Amigo.Settings.AID_FP),
                    Amigo::new),
            new Entry<Amigo.Settings>(
                    new Kind(
                            "aid-cg",
                            "Grazzi, Franceschi, Pontil, Salzo: On the Iteration Complexity of Hypergradient Computation, ICML 2020",
                            "without noise, f L-smooth, g strongly convex",
                            "ε⁻²",
                            "T ∇_y g, 1 ∇_y f, 1 ∇_x f, N + 1 ∇²_yy g·z, 1 ∇²_xy g·z",
                            Amigo.Settings.AID_CG),
                    Amigo::new),
            new Entry<Hoag.Settings>(
                    new Kind(
                            "hoag",
                            "Pedregosa: Hyperparameter Optimization with Approximate Gradient, ICML 2016",
                            "finite sums as a whole, f L-smooth, g strongly convex",
                            "ε⁻²",
                            "all batches of D ∇_y g, 1 ∇_y f, 1 ∇_x f, N + 1 ∇²_yy g·z, 1 ∇²_xy g·z",
                            Hoag.Settings.DEFAULT),
                    Hoag::new),
            new Entry<SubBio.Settings>(
                    new Kind(
                            "subbio",
                            "Yang, Gao, Yuan: LancBiO, ICLR 2025",
                            "without noise, f L-smooth, g strongly convex",
                            "ε⁻²",
                            "T ∇_y g, 1 ∇_y f, 1 ∇_x f, 3 ∇²_yy g·z, 1 ∇²_xy g·z",
                            SubBio.Settings.DEFAULT),
                    SubBio::new),
            new Entry<LancBio.Settings>(
                    new Kind(
                            "lancbio",
                            "Yang, Gao, Yuan: LancBiO: Dynamic Lanczos-aided Bilevel Optimization via Krylov Subspace, ICLR 2025",
                            "without noise, f L-smooth, g strongly convex",
                            "ε⁻²",
                            "T ∇_y g, 1 ∇_y f, 1 ∇_x f, 1 + 1/m ∇²_yy g·z, 1 ∇²_xy g·z",
                            LancBio.Settings.DEFAULT),
                    LancBio::new),
            new Entry<Bome.Settings>(
                    new Kind(
                            "bome",
                            "Ye, Liu, Wright, Stone, Liu: BOME! Bilevel Optimization Made Easy, NeurIPS 2022",
                            "without noise, f L-smooth, g strongly convex",
                            "ε⁻³ to ε⁻⁴ of a KKT measure, by the barrier",
                            "T + 1 ∇_y g, 2 ∇_x g, 1 ∇_y f, 1 ∇_x f",
                            Bome.Settings.DEFAULT),
                    Bome::new),
            new Entry<Itd.Settings>(
                    new Kind(
                            "itd",
                            "Franceschi, Donini, Frasconi, Pontil: Forward and Reverse Gradient-Based Hyperparameter Optimization, ICML 2017",
                            "without noise, f L-smooth, g strongly convex",
                            "ε⁻², up to a bias (1 − α μ)^D",
                            "D ∇_y g, 1 ∇_y f, 1 ∇_x f, D ∇²_yy g·z, D ∇²_xy g·z",
                            Itd.Settings.DEFAULT),
                    Itd::new),
            new Entry<DsgdaGt.Settings>(
                    new Kind(
                            "dsgda-gt",
                            "Wang, Chen, Ma, Zhang: Fully First-Order Methods for Decentralized Bilevel Optimization, arXiv 2410.19319",
                            "n agents, f L-smooth, g strongly convex",
                            "n⁻¹ ε⁻⁷ an agent",
                            "every agent: 2 ∇_y g, 2 ∇_x g, 1 ∇_y f, 1 ∇_x f",
                            DsgdaGt.Settings.DEFAULT),
                    DsgdaGt::new),
            new Entry<Maml.Settings>(
                    new Kind(
                            "maml",
                            "Finn, Abbeel, Levine: Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks, ICML 2017",
                            "tasks; f after D steps on g, L-smooth",
                            "no rate in the paper",
                            "T × (D ∇_y g, 1 ∇_y f, 1 ∇_x f, D ∇²_yy g·z, D ∇²_xy g·z); x = initial y",
                            Maml.Settings.DEFAULT),
                    Maml::new),
            new Entry<Maml.Settings>(
                    new Kind(
                            "anil",
                            "Raghu, Raghu, Bengio, Vinyals: Rapid Learning or Feature Reuse?, ICLR 2020",
                            "tasks; f after D steps on g, L-smooth",
                            "no rate in the paper",
                            "T × (D ∇_y g, 1 ∇_y f, 1 ∇_x f, D ∇²_yy g·z, D ∇²_xy g·z)",
                            Maml.Settings.DEFAULT),
                    Anil::new),
            new Entry<MSobirl.Settings>(
                    new Kind(
                            "m-sobirl",
                            "Yang, Gao, Yuan: Bilevel Reinforcement Learning without Lower-Level Convexity, AISTATS 2025",
                            "entropy-regularised decision process, f smooth",
                            "ε⁻²",
                            "N + 2 products with P, 1 with Pᵀ, 1 ∇_π f, 1 ∇_x f, 1 ∇_x ⟨r_x, u⟩; decision processes only",
                            MSobirl.Settings.DEFAULT),
                    MSobirl::new),
            new Entry<Sobirl.Settings>(
                    new Kind(
                            "sobirl",
                            "Yang, Gao, Yuan: Bilevel Reinforcement Learning without Lower-Level Convexity, AISTATS 2025; tabular",
                            "entropy-regularised decision process, f smooth",
                            "ε⁻² with exact expectations, as here",
                            "N + 1 products with P, H − 1 with Pᵀ, 1 ∇_π f, 1 ∇_x f, 1 ∇_x ⟨r_x, u⟩; decision processes only",
                            Sobirl.Settings.DEFAULT),
                    Sobirl::new),
            new Entry<IanSgd.Settings>(
                    new Kind(
                            "ian-sgd",
                            "Yang, Tripp, Sun, Zou, Zhou: Adaptive Gradient Normalization and Independent Sampling, TMLR 2025",
                            "one level, f generalised smooth",
                            "ε⁻⁴",
                            "S + 1 ∇_x f; one level: min_x f(x, y_0)",
                            IanSgd.Settings.DEFAULT),
                    IanSgd::new),
            new Entry<Nsgd.Settings>(
                    new Kind(
                            "nsgd",
                            "Hazan, Levy, Shalev-Shwartz: Beyond Convexity, NIPS 2015; with momentum Cutkosky, Mehta, ICML 2020",
                            "one level, f (L0, L1)-smooth; noise averaged by momentum",
                            "ε⁻⁴",
                            "1 ∇_x f; one level: min_x f(x, y_0)",
                            Nsgd.Settings.DEFAULT),
                    Nsgd::new));

    private Solvers() {}

    /** All kinds, in the order in which they are shown. */
    public static List<Kind> kinds() {
        return ENTRIES.stream().map(Entry::kind).<Kind>map(kind -> kind).toList();
    }

    /** Whether a solver of this name exists. */
    public static boolean exists(final String name) {
        return kinds().stream().anyMatch(kind -> kind.name().equals(name));
    }

    /**
     * A new solver, not yet initialised.
     *
     * @param name    of its kind
     * @param problem what to solve
     * @param values  settings that differ from the defaults, as {@link Hyperparameters} reads them
     * @param seed    of the solver's own random choices; samples come from the problem's
     * @throws IllegalArgumentException for an unknown name or setting, listing the known ones; for a value out of its range; for a problem
     *                                  that this kind cannot solve
     */
    public static Solver create(
            final String name, final BilevelProblem problem, final Map<String, String> values, final long seed) {
        return entry(name).create(problem, values, seed);
    }

    /**
     * The kind of this name.
     *
     * @throws IllegalArgumentException for an unknown name, listing the known ones
     */
    public static Kind kind(final String name) {
        return entry(name).kind();
    }

    private static Entry<?> entry(final String name) {
        for (final Entry<?> entry : ENTRIES) {
            if (entry.kind().name().equals(name)) {
                return entry;
            }
        }
        throw new IllegalArgumentException("solver '" + name + "': unknown; known are "
                + String.join(", ", kinds().stream().map(Kind::name).toList()));
    }
}
